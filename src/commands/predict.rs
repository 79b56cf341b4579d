//! `forewarn predict`: classes and probabilities beside the rows of a table.

use std::io;

use super::failure::{Exit, Failure};
use super::score::probabilities;
use super::{check_vacant, is_stdout, write_out};
use crate::cli::Predict;
use crate::data::{Table, TableFile};
use crate::engine::native::NativeEngine;
use crate::metrics::argmax;
use crate::model::Model;

pub(super) fn run(arguments: &Predict) -> Result<Exit, Failure> {
    check_vacant(&arguments.out, arguments.overwrite)?;
    let model = Model::load(&arguments.model)?;
    let file = TableFile::open(&arguments.data)?;
    let table = file.table()?;
    let description = &model.description;
    let taken = |name: &String| table.frame.column(name).is_ok();
    if let Some(name) = added(&description.classes).find(taken) {
        let path = arguments.data.display();
        let text = format!(
            "{path}: it has a column {name:?} already, which predict would add: rename or remove it"
        );
        return Err(Failure::new(Exit::Data, text));
    }
    let frame = description.recipe.extract(&table)?;
    let rows: Vec<usize> = (0..table.rows()).collect();
    let prepared = description.preparation.transform(&frame, &rows, &table.source)?;
    let engine = NativeEngine::new(&[]);
    let probabilities = probabilities(&engine, &model, &prepared.matrix)?;
    write_out(&arguments.out, |out| {
        write_rows(&file, &table, &description.classes, &probabilities, out)
    })?;
    if is_stdout(&arguments.out) {
        return Ok(Exit::Done);
    }
    for repair in &table.repairs {
        say!("note: {repair}");
    }
    if prepared.unseen > 0 {
        say!("note: {} cell(s) hold a category that was not trained on", prepared.unseen);
    }
    say!("wrote {} predictions to {}", table.rows(), arguments.out.display());
    Ok(Exit::Done)
}

/// The rows of the file, as they are written where it is CSV, then `predicted` and a column `probability_<class>` a
/// class.
fn write_rows(
    file: &TableFile,
    table: &Table,
    classes: &[String],
    probabilities: &[f64],
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    let mut rows = probabilities.chunks_exact(classes.len());
    let mut header = true;
    file.each_row(table, &mut |cells| {
        for cell in cells {
            writer.write_field(cell)?;
        }
        if std::mem::take(&mut header) {
            for name in added(classes) {
                writer.write_field(name)?;
            }
        } else {
            let row = rows.next().unwrap_or_default();
            let predicted = argmax(row).and_then(|class| classes.get(class as usize));
            writer.write_field(predicted.map(String::as_str).unwrap_or_default())?;
            for &probability in row {
                // The digits that 32-bit logits carry.
                writer.write_field((probability as f32).to_string())?;
            }
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
