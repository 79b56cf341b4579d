//! `forewarn predict`: classes and probabilities beside the rows of a table.

use std::io;

use super::check_vacant;
use super::failure::{Exit, Failure};
use super::score::probabilities;
use crate::cli::Predict;
use crate::data::{Table, labels};
use crate::engine::device::DeviceChoice;
use crate::engine::torch::{Placement, TorchEngine};
use crate::metrics::argmax;
use crate::model::Model;
use crate::record::write_atomically;

pub(super) fn run(arguments: &Predict) -> Result<Exit, Failure> {
    check_vacant(&arguments.out, arguments.overwrite)?;
    let model = Model::load(&arguments.model)?;
    let table = Table::load(&arguments.data)?;
    let description = &model.description;
    let frame = description.recipe.extract(&table)?;
    let rows: Vec<usize> = (0..table.rows()).collect();
    let prepared = description.preparation.transform(&frame, &rows, &table.source)?;
    let engine = TorchEngine::new(&Placement::find(&DeviceChoice::Cpu)?, &[])?;
    let probabilities = probabilities(&engine, &model, &prepared.matrix)?;
    write_atomically(&arguments.out, |out| {
        write_rows(&table, &description.classes, &probabilities, out)
    })?;
    for repair in &table.repairs {
        println!("note: {repair}");
    }
    if prepared.unseen > 0 {
        println!("note: {} cell(s) hold a category that was not trained on", prepared.unseen);
    }
    println!("wrote {} predictions to {}", table.rows(), arguments.out.display());
    Ok(Exit::Done)
}

/// The table's columns, then `predicted` and a column `probability_<class>` a class.
fn write_rows(
    table: &Table,
    classes: &[String],
    probabilities: &[f64],
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let columns: Vec<Vec<Option<String>>> = table.frame.columns().iter().map(labels).collect();
    let mut writer = csv::Writer::from_writer(out);
    let names = table.frame.columns().iter().map(|column| column.name().to_string());
    let added = classes.iter().map(|class| format!("probability_{class}"));
    let header = names.chain(std::iter::once("predicted".to_owned())).chain(added);
    writer.write_record(header.collect::<Vec<_>>())?;
    for (row, probabilities) in probabilities.chunks_exact(classes.len()).enumerate() {
        for column in &columns {
            writer.write_field(column[row].as_deref().unwrap_or_default())?;
        }
        let predicted = argmax(probabilities).unwrap_or_default();
        writer.write_field(&classes[predicted as usize])?;
        for probability in probabilities {
            // The digits that 32-bit logits carry.
            writer.write_field((*probability as f32).to_string())?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.flush()
}
