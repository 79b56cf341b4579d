//! Notes on rows that a model evaluates or predicts.

use crate::data::Table;
use crate::model::Ensemble;
use crate::plural::counted;
use crate::prepare::Transformed;

/// What was repaired and left out, and how these rows differ from those of training.
pub(super) fn notes(model: &Ensemble, table: &Table, prepared: &Transformed) -> Vec<String> {
    let mut notes: Vec<String> = table.repairs.iter().map(ToString::to_string).collect();
    notes.extend(prepared.notes.iter().cloned());
    let unseen = prepared.unseen;
    if unseen > 0 {
        notes.push(format!(
            "unknown categories in {}: training met none of them",
            counted(unseen, "cell")
        ));
    }
    let description = model.description();
    notes.extend(description.ranges.note(&description.inputs, &prepared.matrix));
    notes
}

/// Says that a table is the one that the model was trained on.
pub(super) fn trained_on(model: &Ensemble, table: &Table) -> Option<String> {
    (model.description().provenance.data_sha256 == table.sha256).then(|| {
        "this is the table that the model was trained on: scores on new rows will be worse; those of \
         its test rows are in the run's best/metrics.json"
            .to_owned()
    })
}
