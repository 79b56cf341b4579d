//! A model kept in a folder of the run, or elsewhere.

use std::path::Path;

use crate::commands::failure::Failure;
use crate::finals::SavedModel;
use crate::metrics::PartMetrics;

/// Writes a model's folder, and says which rows it could not be scored on; `name` is what messages call it.
/// Returns the metrics on test rows, where it has any.
pub(super) fn keep(
    into: &Path,
    name: &str,
    saved: SavedModel,
    classes: &[String],
) -> Result<Option<PartMetrics>, Failure> {
    let written = saved.write(into, classes)?;
    for (part, error) in written.unscored {
        complain!("note    no metrics of {name} on {} rows: {error}", part.name());
    }
    Ok(written.test)
}
