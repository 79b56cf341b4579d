//! The winner's files.

use crate::commands::failure::{Exit, Failure};
use crate::commands::score::measure;
use crate::engine::Engine;
use crate::examples::Part;
use crate::metrics::Intervals;
use crate::model::{Description, Model, Provenance, Ranges};
use crate::prepare::Prepared;
use crate::record::{RunFile, RunFolder, write_atomically, write_confusion};
use crate::sweep::Winner;

/// Writes the winner's model, metrics and confusion matrices into best/. Returns the intervals of its
/// scores on test rows, where it has any.
pub(super) fn keep(
    folder: &RunFolder,
    winner: &Winner,
    engine: &dyn Engine,
    prepared: &Prepared,
    file: &RunFile,
) -> Result<Option<Intervals>, Failure> {
    let trial = &winner.result.trial;
    let place = prepared.place(trial.way, winner.fold);
    let provenance = Provenance {
        run: file.name.clone(),
        trial: trial.number,
        fold: winner.fold,
        epoch: winner.epoch,
        data_sha256: file.data.sha256.clone(),
        forewarn: file.versions.forewarn.to_owned(),
    };
    let ranges = Ranges::of(&prepared.folds[place].train.features);
    let description = Description::new(
        (winner.architecture.clone(), trial.dropout),
        (prepared.target.clone(), prepared.classes.clone()),
        (prepared.pipelines[place].clone(), ranges),
        provenance,
    );
    let model = Model { description, weights: winner.weights.clone() };
    let best = folder.file("best");
    model.save(&best)?;
    let mut on_test = None;
    let mut metrics = serde_json::Map::new();
    metrics.insert("trial".to_owned(), trial.number.into());
    metrics.insert("fold".to_owned(), winner.fold.into());
    metrics.insert("epoch".to_owned(), winner.epoch.into());
    for part in Part::ALL {
        let measured = match measure(engine, &model, prepared.folds[place].part(part)) {
            Ok(measured) => measured,
            // Values in test rows alone can be too large for the network; the sweep is not lost.
            Err(failure) => {
                complain!(
                    "note    no metrics of the best network on {} rows: {failure}",
                    part.name()
                );
                metrics.insert(part.name().to_owned(), serde_json::Value::Null);
                // An earlier call may have kept another network, which had one.
                folder.remove(&format!("best/confusion_{}.csv", part.name()))?;
                continue;
            }
        };
        let path = best.join(format!("confusion_{}.csv", part.name()));
        write_confusion(&path, &prepared.classes, &measured.scores.confusion)?;
        let value = serde_json::to_value(&measured);
        let value = value.map_err(|error| Failure::new(Exit::Other, error.to_string()))?;
        metrics.insert(part.name().to_owned(), value);
        if part == Part::Test {
            on_test = Some(measured.intervals);
        }
    }
    write_atomically(&best.join("metrics.json"), |out| {
        serde_json::to_writer_pretty(&mut *out, &metrics)?;
        out.write_all(b"\n")
    })?;
    Ok(on_test)
}
