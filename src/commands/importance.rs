//! `forewarn importance`: how important each feature of a table is to a model.

use std::borrow::Cow;

use super::failure::{Exit, Failure};
use super::notes::{notes, trained_on};
use super::{check_vacant, is_stdout, load_tables, write_out};
use crate::cli::Importance;
use crate::data::Table;
use crate::engine::Engine;
use crate::engine::native::NativeEngine;
use crate::examples::Matrix;
use crate::importance::{Importances, Question, View, permutation_importance};
use crate::model::Ensemble;
use crate::plural::counted;
use crate::predict::PreparedTable;
use crate::prepare::Target;
use crate::record::write_importances;

/// The most features that are printed.
const MOST_PRINTED: usize = 30;

/// A model does not record its run's seed, and any will do.
const SEED: u64 = 0;

pub(super) fn run(arguments: &Importance) -> Result<Exit, Failure> {
    if let Some(out) = &arguments.out {
        check_vacant(out, arguments.overwrite)?;
    }
    let model = Ensemble::load(&arguments.model)?;
    let table = Table::load(&arguments.data)?;
    let tables = load_tables(&arguments.tables)?;
    let description = model.description();
    let target = description.target.as_str();
    let prepared = PreparedTable::new(&model, (&table, &tables), Some(target))?;
    let labels = Target::judge((&table, target), prepared.first(), &description.classes)?;
    let mut notes = notes(&model, &table, prepared.first());
    notes.extend(trained_on(&model, &table));
    let (repeats, places) = (arguments.repeats, prepared.places());
    let engine = NativeEngine::new(&[]);
    // The first member of each preparation says what its inputs are.
    let views = prepared.views().enumerate().map(|(view, rows)| {
        let member = places.iter().position(|&place| place == view).unwrap_or(0);
        let preparation = &model.members()[member].model.description.preparation;
        View { rows: Cow::Borrowed(rows), features: preparation.features() }
    });
    let rows = Asked { views: views.collect(), places, labels: &labels };
    let found = importances((&model, &engine), rows, repeats.into(), SEED)?;
    let to_stdout = arguments.out.as_deref().is_some_and(is_stdout);
    for note in notes {
        if to_stdout {
            complain!("note: {note}");
        } else {
            say!("note: {note}");
        }
    }
    if !to_stdout {
        print(&found, labels.len());
    }
    if let Some(out) = &arguments.out {
        write_out(out, |file| write_importances(file, &found))?;
    }
    Ok(Exit::Done)
}

/// Labelled rows to ask a model about.
pub(super) struct Asked<'a> {
    /// The rows in each preparation that a member has.
    pub views: Vec<View<'a>>,
    /// Which of the views each member takes.
    pub places: &'a [usize],
    /// `[rows]`.
    pub labels: &'a [u32],
}

/// Permutation importance for a model, on labelled rows.
pub(super) fn importances(
    (model, engine): (&Ensemble, &dyn Engine),
    Asked { views, places, labels }: Asked<'_>,
    repeats: usize,
    seed: u64,
) -> Result<Importances, Failure> {
    let (description, decision) = (model.description(), model.decision());
    let classes = description.classes.len();
    let probabilities = |rows: &[Cow<'_, Matrix>]| -> Result<Vec<f64>, Failure> {
        let logs = model.log_probabilities(engine, |member| &rows[places[member]])?;
        Ok(decision.tempered(logs, classes).into_iter().map(f64::exp).collect())
    };
    let question = Question { views, labels, classes, decision };
    permutation_importance(probabilities, &question, repeats, seed)
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
        say!("{} of less importance; --out writes all", counted(more, "more feature"));
    }
    let [macro_f1, mcc, log_loss] = found.baseline;
    let drawn = if found.rows < rows { format!(", drawn from {rows}") } else { String::new() };
    say!(
        "how much worse the scores of {}{drawn} are with the feature shuffled, mean ± standard deviation \
         of {}; before: macro F1 {macro_f1:.4}, MCC {mcc:.4}, log loss {log_loss:.4}",
        counted(found.rows, "row"),
        counted(found.repeats, "shuffle")
    );
}
