//! Feature importance of the winner.

use std::borrow::Cow;

use crate::commands::failure::Failure;
use crate::commands::importance::{Asked, importances};
use crate::engine::Engine;
use crate::examples::{Examples, Part};
use crate::finals::rows_of;
use crate::importance::View;
use crate::model::Ensemble;
use crate::prepare::Prepared;
use crate::record::{RecordError, RunFile, RunFolder, write_atomically, write_importances};
use crate::sweep::Trial;

/// The default of scikit-learn.
const REPEATS: usize = 5;

/// Writes best/importance.csv: on test rows, or on validation rows where there are none.
pub(super) fn keep_importances(
    folder: &RunFolder,
    (winner, engine): (&Ensemble, &dyn Engine),
    rows: (&Prepared, &[Trial]),
    file: &RunFile,
) -> Result<(), Failure> {
    let unseen = [Part::Test, Part::Valid].map(|part| rows_of(winner, rows, part));
    let Some(unseen) = unseen.into_iter().flatten().next() else {
        complain!(
            "note    no feature importance: without test rows there is no row that the model has not seen; \
             forewarn importance measures it on another table"
        );
        return Ok(folder.remove("best/importance.csv")?);
    };
    // Members mostly share their rows: each different matrix is shuffled once.
    let (mut firsts, mut views, mut places) = (Vec::<&Examples>::new(), Vec::new(), Vec::new());
    for (&examples, member) in unseen.iter().zip(winner.members()) {
        let known = firsts.iter().position(|first| std::ptr::eq(*first, examples));
        places.push(known.unwrap_or(views.len()));
        if known.is_none() {
            let features = member.model.description.preparation.features();
            views.push(View { rows: Cow::Borrowed(&examples.features), features });
            firsts.push(examples);
        }
    }
    let rows = Asked { views, places: &places, labels: &unseen[0].labels };
    match importances((winner, engine), rows, REPEATS, file.seed) {
        Ok(found) => {
            let best = folder.file("best");
            std::fs::create_dir_all(&best).map_err(RecordError::at(&best))?;
            let path = folder.file("best/importance.csv");
            write_atomically(&path, |out| write_importances(out, &found))?;
        }
        // Rows that nobody has seen can be too large for the network; the sweep is not lost.
        Err(failure) => {
            complain!("note    no feature importance for the best model: {failure}");
            folder.remove("best/importance.csv")?;
        }
    }
    Ok(())
}
