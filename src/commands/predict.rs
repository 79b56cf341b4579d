//! `forewarn predict`: classes and probabilities next to the rows of a table.

use std::collections::HashMap;
use std::io;

use super::failure::{Exit, Failure};
use super::notes::notes;
use super::{check_vacant, is_stdout, load_tables, write_out};
use crate::cli::Predict;
use crate::data::{Table, TableFile, TableFormat};
use crate::engine::native::NativeEngine;
use crate::ensemble::Decision;
use crate::metrics::decide;
use crate::model::Ensemble;
use crate::plural::counted;
use crate::predict::PreparedTable;

pub(super) fn run(arguments: &Predict) -> Result<Exit, Failure> {
    check_vacant(&arguments.out, arguments.overwrite)?;
    if matches!(
        TableFormat::of(&arguments.out),
        Some(TableFormat::Parquet | TableFormat::PackedCsv)
    ) {
        let path = arguments.out.display();
        let text =
            format!("{path}: predict writes CSV: end the name in .csv, and let ingest convert it");
        return Err(Failure::new(Exit::Output, text));
    }
    let model = Ensemble::load(&arguments.model)?;
    let file = TableFile::open(&arguments.data)?;
    let table = file.table()?;
    let description = model.description();
    let taken = |name: &String| table.frame.column(name).is_ok();
    if let Some(name) = added(&description.classes).find(taken) {
        let path = arguments.data.display();
        let text = format!(
            "{path}: it has a column {name:?} already, which predict would add: rename or remove it"
        );
        return Err(Failure::new(Exit::Data, text));
    }
    let tables = load_tables(&arguments.tables)?;
    let engine = NativeEngine::new(&[]);
    let prepared = PreparedTable::new(&model, (&table, &tables), None)?;
    let logs = prepared.log_probabilities(&model, &engine)?;
    let prepared = prepared.first();
    let probabilities: Vec<f64> = logs.into_iter().map(f64::exp).collect();
    write_out(&arguments.out, |out| {
        let rows = Predictions::new(&prepared.origin, &probabilities, &model);
        write_rows(&file, &table, &rows, out)
    })?;
    let mut notes = notes(&model, &table, prepared);
    let without = table.rows() - prepared.origin.len();
    if without > 0 {
        notes.push(format!("no prediction for {}", counted(without, "row")));
    }
    if is_stdout(&arguments.out) {
        for note in notes {
            complain!("note: {note}");
        }
        return Ok(Exit::Done);
    }
    for note in notes {
        say!("note: {note}");
    }
    say!("wrote {} predictions to {}", prepared.origin.len(), arguments.out.display());
    Ok(Exit::Done)
}

/// The probabilities of the rows that the steps have left.
struct Predictions<'a> {
    classes: &'a [String],
    decision: &'a Decision,
    /// Of each row of the table that has any: `[classes]`.
    probabilities: HashMap<usize, &'a [f64]>,
}

impl<'a> Predictions<'a> {
    fn new(origin: &[usize], probabilities: &'a [f64], model: &'a Ensemble) -> Self {
        let (classes, decision) = (&model.description().classes, model.decision());
        let rows = probabilities.chunks_exact(classes.len());
        Self { classes, decision, probabilities: origin.iter().copied().zip(rows).collect() }
    }

    /// The cells that are added to a row: empty ones where a step has left it out.
    fn cells(&self, row: usize) -> Vec<String> {
        let Some(probabilities) = self.probabilities.get(&row) else {
            return vec![String::new(); 1 + self.classes.len()];
        };
        let predicted = decide(probabilities, self.decision.thresholds.as_deref());
        let predicted = predicted.and_then(|class| self.classes.get(class as usize));
        // The digits that 32-bit logits carry.
        let shown = probabilities.iter().map(|&probability| (probability as f32).to_string());
        std::iter::once(predicted.cloned().unwrap_or_default()).chain(shown).collect()
    }
}

/// The rows of the file, as they are written where it is CSV, then `predicted` and a column
/// `probability_<class>` a class.
fn write_rows(
    file: &TableFile,
    table: &Table,
    rows: &Predictions,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    let mut number = 0;
    let mut header = true;
    file.each_row(table, &mut |cells| {
        for cell in cells {
            writer.write_field(cell)?;
        }
        if std::mem::take(&mut header) {
            for name in added(rows.classes) {
                writer.write_field(name)?;
            }
        } else {
            for cell in rows.cells(number) {
                writer.write_field(cell)?;
            }
            number += 1;
        }
        Ok(writer.write_record(None::<&[u8]>)?)
    })?;
    writer.flush()
}

/// The names of the columns that are added.
fn added(classes: &[String]) -> impl Iterator<Item = String> {
    let probabilities = classes.iter().map(|class| format!("probability_{class}"));
    std::iter::once("predicted".to_owned()).chain(probabilities)
}
