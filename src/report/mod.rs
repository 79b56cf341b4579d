//! Plots and one self-contained page from the files of a finished run.
//!
//! The room reads what a sweep wrote and writes nothing but the report: the numbers shown are the
//! numbers in the files.

mod anova;
mod axes;
mod chart;
mod columns;
mod compare;
mod curves;
mod diagnostics;
mod difference;
mod error;
mod explained;
mod families;
mod importance;
mod page;
mod page_data;
mod plots;
mod record;
mod score_map;
mod slices;
mod trials;

use std::path::{Path, PathBuf};

pub use compare::{Comparison, DrawnDifference, RunFamilies, RunFamily, Side, SideName, Spread};
pub use error::ReportError;

use curves::read_curves;
use diagnostics::{draw_diagnostics, read_diagnostics};
use families::{MOST_FAMILIES, read_families};
use importance::read_importances;
use page::render_page;
use page_data::{Models, Winner, collect_page_data};
use plots::{Plot, draw_plots};
use record::{BestMetrics, read_metrics, read_run_record};
use trials::{TrialRow, TrialTable, read_trials};

use crate::record::{RecordError, write_atomically};
use crate::untrusted::{MOST_JSON, readable, writable};

/// How many of the best trials have their curves drawn on the page.
const DRAWN_CURVES: usize = 20;

/// The most bytes of `trials.csv`, which is kept in memory: some hundred for each of a million trials.
const MOST_TRIALS: u64 = 1 << 30;

/// The most bytes of `best/importance.csv`: some hundred for each of a hundred thousand features.
const MOST_IMPORTANCES: u64 = 16 << 20;

/// Where the report was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportFiles {
    /// The page, `report.html` in the run folder.
    pub page: PathBuf,
    /// The plots under `plots/`, 900 x 560 px SVG; empty when no trial finished.
    pub plots: Vec<PathBuf>,
}

/// Writes `report.html` and `plots/*.svg` into the run folder `run`.
///
/// Reads `run.json`, `trials.csv`, `families.csv`, `curves.csv`, `metrics.json` of `best/`,
/// `ensemble/` and `stacked/`, and `best/importance.csv` and the curves there. A run without a finished trial has no best
/// model, one of a single family no `families.csv`, and one may lack `curves.csv`: the page then says so.
/// Memory grows with the number of trials, not with the length of `curves.csv`. Each file is replaced
/// whole or not at all. Nothing is read or written through a link that leads out of the folder.
///
/// # Errors
/// [`ReportError`] when a needed file, column or key is missing or malformed, when the files
/// disagree about the winner, or when the report cannot be written.
pub fn write_report(run: &Path) -> Result<ReportFiles, ReportError> {
    let source = |name: &str, most: u64| {
        readable(run, name, most)
            .map_err(|source| ReportError::Read { path: run.join(name), source })
    };
    let target = |name: &str| writable(run, name).map_err(RecordError::at(run.join(name)));
    let record = read_run_record(&source("run.json", MOST_JSON)?)?;
    if record.rest.get("status").is_some_and(|status| status == "running") {
        return Err(ReportError::Unranked { path: run.to_owned() });
    }
    let table = read_trials(&source("trials.csv", MOST_TRIALS)?, &record.rank_by)?;
    let metrics: Option<BestMetrics> = read_metrics(&source("best/metrics.json", MOST_JSON)?)?;
    let ensemble = read_metrics(&source("ensemble/metrics.json", MOST_JSON)?)?;
    let stacked = read_metrics(&source("stacked/metrics.json", MOST_JSON)?)?;
    let winner = find_winner(&table, metrics.as_ref())?;
    let best = table.best(DRAWN_CURVES);
    let mut wanted: Vec<u64> = best.iter().map(|row| row.trial).collect();
    wanted.extend(winner.map(|row| row.trial));
    let curves = read_curves(&source("curves.csv", u64::MAX)?, &wanted)?;

    let card = winner.map(|row| Winner::new(&table, row, metrics.as_ref()));
    let importance = read_importances(&source("best/importance.csv", MOST_IMPORTANCES)?)?;
    let families = read_families(&source("families.csv", MOST_FAMILIES)?, &record.rank_by)?;
    let diagnostics = read_diagnostics(source, metrics.as_ref().map(|metrics| &metrics.parts))?;
    let mut drawn = draw_plots(&record.name, &record.rank_by, &table, &curves, winner)?;
    if let (Some(found), Some(row)) = (&diagnostics, winner) {
        drawn.extend(draw_diagnostics(&format!("{}, trial {}", record.name, row.trial), found)?);
    }
    let models = Models { winner: card, ensemble, stacked, importance, families, diagnostics };
    let data = collect_page_data(&record, &table, &best, &curves, models);
    let page_text = render_page(&data)?;

    // All places are looked at before anything is written: a page beside old plots would mislead.
    let (folder, page) = (target("plots")?, target("report.html")?);
    let path = |plot: &Plot| target(&format!("plots/{}", plot.file_name));
    let plots = drawn.iter().map(path).collect::<Result<Vec<PathBuf>, _>>()?;
    std::fs::create_dir_all(&folder).map_err(RecordError::at(&folder))?;
    for (plot, path) in drawn.iter().zip(&plots) {
        write_atomically(path, |out| out.write_all(plot.svg.as_bytes()))?;
    }
    write_atomically(&page, |out| out.write_all(page_text.as_bytes()))?;
    Ok(ReportFiles { page, plots })
}

/// The trial of the stored best model, or the first by rank when no model is stored.
fn find_winner<'a>(
    table: &'a TrialTable,
    metrics: Option<&BestMetrics>,
) -> Result<Option<&'a TrialRow>, ReportError> {
    match metrics {
        None => Ok(table.best(1).first().copied()),
        Some(BestMetrics { trial, .. }) => {
            table.find(*trial).map(Some).ok_or(ReportError::UnknownWinner { trial: *trial })
        }
    }
}

#[cfg(test)]
mod tests;
