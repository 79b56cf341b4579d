//! How much the winner goes by each feature.

use crate::commands::failure::Failure;
use crate::commands::importance::importances;
use crate::engine::Engine;
use crate::examples::Fold;
use crate::model::Ensemble;
use crate::record::{RecordError, RunFile, RunFolder, write_atomically, write_importances};

/// As many as scikit-learn's default.
const REPEATS: usize = 5;

/// Writes best/importance.csv: on test rows, or on validation rows where there are none.
pub(super) fn keep_importances(
    folder: &RunFolder,
    winner: (&Ensemble, &dyn Engine),
    fold: &Fold,
    file: &RunFile,
) -> Result<(), Failure> {
    let examples = if fold.test.labels.is_empty() { &fold.valid } else { &fold.test };
    if examples.labels.is_empty() {
        complain!(
            "note    no importance of features: without test rows a refitted network has seen every row; \
             forewarn importance tells it of another table"
        );
        return Ok(folder.remove("best/importance.csv")?);
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(file.jobs).build()?;
    match pool.install(|| importances(winner, examples, REPEATS, file.seed)) {
        Ok(found) => {
            let best = folder.file("best");
            std::fs::create_dir_all(&best).map_err(RecordError::at(&best))?;
            let path = folder.file("best/importance.csv");
            write_atomically(&path, |out| write_importances(out, &found))?;
        }
        // Rows that nobody has seen can be too large for the network; the sweep is not lost.
        Err(failure) => {
            complain!("note    no importance of features for the best network: {failure}");
            folder.remove("best/importance.csv")?;
        }
    }
    Ok(())
}
