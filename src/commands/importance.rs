//! `forewarn importance`: how much a model goes by each feature of a table.

use super::failure::{Exit, Failure};
use super::notes::{notes, trained_on};
use super::score::log_mean;
use super::{check_vacant, is_stdout, load_tables, write_out};
use crate::cli::Importance;
use crate::data::Table;
use crate::engine::Engine;
use crate::engine::native::NativeEngine;
use crate::examples::{Examples, Matrix};
use crate::importance::{Importances, permutation_importance};
use crate::model::{Ensemble, Member};
use crate::prepare::Target;
use crate::record::write_importances;

/// The most features that are printed.
const MOST_PRINTED: usize = 30;

/// No run's seed is known of a model, and any will do.
const SEED: u64 = 0;

pub(super) fn run(arguments: &Importance) -> Result<Exit, Failure> {
    if let Some(out) = &arguments.out {
        check_vacant(out, arguments.overwrite)?;
    }
    let model = Ensemble::load(&arguments.model)?;
    let table = Table::load(&arguments.data)?;
    let tables = load_tables(&arguments.tables)?;
    let description = model.description();
    let preparation = &description.preparation;
    let differs = |member: &Member| member.model.description.preparation != *preparation;
    if model.members().iter().any(differs) {
        let path = arguments.model.display();
        let text = format!(
            "{path}: its models prepare the rows in different ways, so that no input is shuffled for \
             all: name the run's best/"
        );
        return Err(Failure::new(Exit::Data, text));
    }
    let target = description.target.as_str();
    let prepared = preparation.transform(&table, &tables, Some(target))?;
    let labels = Target::judge((&table, target), &prepared, &description.classes)?;
    let mut notes = notes(&model, &table, &prepared);
    notes.extend(trained_on(&model, &table));
    let (examples, repeats) = (Examples { features: prepared.matrix, labels }, arguments.repeats);
    let engine = NativeEngine::new(&[]);
    let found = importances((&model, &engine), &examples, repeats.into(), SEED)?;
    let to_stdout = arguments.out.as_deref().is_some_and(is_stdout);
    for note in notes {
        if to_stdout {
            complain!("note: {note}");
        } else {
            say!("note: {note}");
        }
    }
    if !to_stdout {
        print(&found, examples.labels.len());
    }
    if let Some(out) = &arguments.out {
        write_out(out, |file| write_importances(file, &found))?;
    }
    Ok(Exit::Done)
}

/// How much a model goes by its features, on labelled rows as all its networks take them.
pub(super) fn importances(
    (model, engine): (&Ensemble, &dyn Engine),
    examples: &Examples,
    repeats: usize,
    seed: u64,
) -> Result<Importances, Failure> {
    let (description, decision) = (model.description(), model.decision());
    let classes = description.classes.len();
    let probabilities = |rows: &Matrix| -> Result<Vec<f64>, Failure> {
        let logs = decision.tempered(log_mean(engine, model, |_| rows)?, classes);
        Ok(logs.into_iter().map(f64::exp).collect())
    };
    let features = description.preparation.features();
    permutation_importance(probabilities, (examples, classes, decision), &features, repeats, seed)
}

/// The features, the most important first, and what the scores were before.
fn print(found: &Importances, rows: usize) {
    let shown = found.features.iter().take(MOST_PRINTED);
    let width = shown.clone().map(|one| one.feature.chars().count()).max().unwrap_or(0).max(7);
    say!("{:width$}   {:17}  {:17}  log loss", "feature", "macro F1", "MCC");
    for one in shown {
        let figures = one.mean.iter().zip(&one.std);
        let figures = figures.map(|(mean, std)| format!("{mean:7.4} ± {std:.4} "));
        let line = figures.collect::<Vec<_>>().join("  ");
        say!("{:width$}  {}", one.feature, line.trim_end());
    }
    let more = found.features.len().saturating_sub(MOST_PRINTED);
    if more > 0 {
        say!("{more} more feature(s) matter less; --out writes all");
    }
    let [macro_f1, mcc, log_loss] = found.baseline;
    let drawn = if found.rows < rows { format!(", drawn from {rows}") } else { String::new() };
    say!(
        "how much worse the scores of {} row(s){drawn} are with the feature shuffled, mean ± standard \
         deviation of {} time(s); before: macro F1 {macro_f1:.4}, MCC {mcc:.4}, log loss {log_loss:.4}",
        found.rows,
        found.repeats
    );
}
