//! How the winner ranks rows class by class, and how far its probabilities can be relied on.
//!
//! | file          | what it holds                                                  |
//! |---------------|----------------------------------------------------------------|
//! | `tables.rs`   | reads `best/roc.csv` and its kin, and `best/reliability.csv`     |
//! | `drawn.rs`    | [`Diagnostics`]: what the page and the plots draw of them        |
//! | `plots.rs`    | the four plots                                                   |
//! | `unit_chart.rs` | a chart of shares, as SVG                                      |

mod drawn;
mod plots;
mod tables;
mod unit_chart;

use std::path::PathBuf;

pub(super) use drawn::Diagnostics;
pub(super) use plots::draw_diagnostics;

use super::error::ReportError;
use super::record::PartsMetrics;
use crate::record::{CUMULATIVE_GAIN, CurveTable, PRECISION_RECALL, RELIABILITY, ROC};
use tables::{read_curve_table, read_reliability};

/// The most bytes of a table of curves: 200 points of thousands of classes.
const MOST_CURVES: u64 = 256 << 20;

/// The most bytes of `reliability.csv`, which has some sixty lines.
const MOST_RELIABILITY: u64 = 1 << 20;

/// Reads the tables of the winner; `None` where the run has none of them. `source` gives the place of a file
/// of the run that has at most that many bytes.
///
/// # Errors
/// What `source` says; [`ReportError::Read`], [`ReportError::Csv`], [`ReportError::MissingColumn`] or
/// [`ReportError::BadCell`].
pub(super) fn read_diagnostics(
    source: impl Fn(&str, u64) -> Result<PathBuf, ReportError>,
    metrics: Option<&PartsMetrics>,
) -> Result<Option<Diagnostics>, ReportError> {
    let read = |table: CurveTable| {
        read_curve_table(&source(&format!("best/{}", table.file), MOST_CURVES)?, table)
    };
    let curves = [read(ROC)?, read(PRECISION_RECALL)?, read(CUMULATIVE_GAIN)?];
    let reliability = read_reliability(&source(&format!("best/{RELIABILITY}"), MOST_RELIABILITY)?)?;
    let found = Diagnostics::new(&curves, &reliability, metrics);
    Ok(Some(found).filter(|found| !found.parts.is_empty() || !found.reliability.is_empty()))
}
