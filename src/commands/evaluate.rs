//! `forewarn evaluate`: a model evaluated on a table.

use super::failure::{Exit, Failure};
use super::notes::{notes, trained_on};
use super::numbers::range;
use super::{check_vacant, load_tables, write_out};
use crate::cli::Evaluate;
use crate::data::Table;
use crate::engine::native::NativeEngine;
use crate::metrics::{PartMetrics, RateIntervals};
use crate::model::Ensemble;
use crate::predict::PreparedTable;
use crate::prepare::Target;

pub(super) fn run(arguments: &Evaluate) -> Result<Exit, Failure> {
    if let Some(out) = &arguments.out {
        check_vacant(out, arguments.overwrite)?;
    }
    let model = Ensemble::load(&arguments.model)?;
    let table = Table::load(&arguments.data)?;
    let tables = load_tables(&arguments.tables)?;
    let description = model.description();
    let target = description.target.as_str();
    let engine = NativeEngine::new(&[]);
    let prepared = PreparedTable::new(&model, (&table, &tables), Some(target))?;
    let logs = prepared.log_probabilities(&model, &engine)?;
    let prepared = prepared.first();
    let labels = Target::judge((&table, target), prepared, &description.classes)?;
    let mut notes = notes(&model, &table, prepared);
    notes.extend(trained_on(&model, &table));
    let thresholds = model.decision().thresholds.as_deref();
    let metrics = PartMetrics::compute(&labels, logs, thresholds, &description.classes)?;
    for note in notes {
        say!("note: {note}");
    }
    print(&metrics);
    if let Some(out) = &arguments.out {
        write_out(out, |file| {
            serde_json::to_writer_pretty(&mut *file, &metrics)?;
            file.write_all(b"\n")
        })?;
    }
    Ok(Exit::Done)
}

/// The metrics as scikit-learn's classification report arranges them, with the intervals of recall and
/// F1.
fn print(metrics: &PartMetrics) {
    let PartMetrics { loss, expected_calibration_error, scores: metrics, intervals } = metrics;
    let width = metrics.per_class.iter().map(|class| class.class.chars().count()).max();
    let width = width.unwrap_or(0).max("weighted average".len());
    say!(
        "{:width$}  precision   recall {:15}specificity       f1 {:15}support",
        "",
        "(95 %)",
        "(95 %)"
    );
    let line = |name: &str, scores: [f64; 4], rates: &RateIntervals, support: u64| {
        let [precision, recall, specificity, f1] = scores;
        let [of_recall, of_f1] = [rates.recall, rates.f1].map(range);
        say!(
            "{name:width$}  {precision:9.4}{recall:9.4} {of_recall:13}{specificity:13.4}{f1:9.4} \
             {of_f1:13}{support:9}"
        );
    };
    for (class, rates) in metrics.per_class.iter().zip(&intervals.per_class) {
        let scores = [class.precision, class.recall, class.specificity, class.f1];
        line(&class.class, scores, rates, class.support);
    }
    let averages = [
        ("macro average", &metrics.macro_average, &intervals.macro_average),
        ("weighted average", &metrics.weighted_average, &intervals.weighted_average),
    ];
    for (name, mean, rates) in averages {
        let scores = [mean.precision, mean.recall, mean.specificity, mean.f1];
        line(name, scores, rates, metrics.rows as u64);
    }
    say!(
        "accuracy {:.4} {}, balanced accuracy {:.4} {}, MCC {:.4} {}, loss {loss:.4}, \
         calibration error {:.4}",
        metrics.accuracy,
        range(intervals.accuracy),
        metrics.balanced_accuracy,
        range(intervals.balanced_accuracy),
        metrics.mcc,
        range(intervals.mcc),
        expected_calibration_error.unwrap_or_default()
    );
}
