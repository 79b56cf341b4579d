//! The curves of a model, class by class, and its reliability: tables beside its metrics.

use std::path::Path;

use super::tables::io_error;
use super::{RecordError, write_atomically};
use crate::examples::Part;
use crate::metrics::{Bin, ClassCurves, CurvePoint, Reliability};

/// How a model ranks the rows of a part, and how reliable its probabilities are.
#[derive(Debug)]
pub struct PartDiagnostics {
    /// Which rows.
    pub part: Part,
    /// `[classes]`.
    pub curves: Vec<ClassCurves>,
    /// Of the probabilities before calibration.
    pub before: Reliability,
    /// Of those after it, where the model is calibrated.
    pub after: Option<Reliability>,
}

/// A table of curves: columns `part`, `class`, `threshold` and these two.
#[derive(Debug, Clone, Copy)]
pub struct CurveTable {
    /// The name of the file.
    pub file: &'static str,
    /// The columns of a point's place.
    pub axes: [&'static str; 2],
}

/// The ROC curves.
pub const ROC: CurveTable =
    CurveTable { file: "roc.csv", axes: ["false_positive_rate", "true_positive_rate"] };

/// The precision-recall curves.
pub const PRECISION_RECALL: CurveTable =
    CurveTable { file: "precision_recall.csv", axes: ["recall", "precision"] };

/// The cumulative gain curves.
pub const CUMULATIVE_GAIN: CurveTable =
    CurveTable { file: "cumulative_gain.csv", axes: ["share_of_rows", "share_of_class"] };

/// The bins of confidence.
pub const RELIABILITY: &str = "reliability.csv";

/// The columns of [`RELIABILITY`].
pub const RELIABILITY_COLUMNS: [&str; 7] =
    ["part", "calibration", "lower", "upper", "rows", "mean_confidence", "accuracy"];

/// What the column `calibration` holds.
pub const CALIBRATION: [&str; 2] = ["before", "after"];

/// Writes the four tables into a model's folder, which has no earlier ones after that. A part, and a class
/// whose curves are not defined there, have no lines.
///
/// # Errors
/// [`RecordError::Write`].
pub fn write_diagnostics(
    folder: &Path,
    classes: &[String],
    parts: &[PartDiagnostics],
) -> Result<(), RecordError> {
    write_curves(folder, ROC, (classes, parts), |curves| &curves.roc)?;
    write_curves(folder, PRECISION_RECALL, (classes, parts), |curves| &curves.precision_recall)?;
    write_curves(folder, CUMULATIVE_GAIN, (classes, parts), |curves| &curves.cumulative_gain)?;
    write_atomically(&folder.join(RELIABILITY), |out| {
        let mut table = csv::Writer::from_writer(out);
        table.write_record(RELIABILITY_COLUMNS).map_err(io_error)?;
        for PartDiagnostics { part, before, after, .. } in parts {
            for (calibration, found) in CALIBRATION.iter().zip([Some(before), after.as_ref()]) {
                for bin in found.iter().flat_map(|found| &found.bins) {
                    let Bin { lower, upper, rows, mean_confidence, accuracy } = bin;
                    let numbers = [lower, upper, &(*rows as f64), mean_confidence, accuracy];
                    let names = [part.name(), calibration].map(str::to_owned);
                    let row = names.into_iter().chain(numbers.map(ToString::to_string));
                    table.write_record(row.collect::<Vec<_>>()).map_err(io_error)?;
                }
            }
        }
        table.flush()
    })
}

fn write_curves(
    folder: &Path,
    CurveTable { file, axes: [x, y] }: CurveTable,
    (classes, parts): (&[String], &[PartDiagnostics]),
    of: impl Fn(&ClassCurves) -> &Vec<CurvePoint>,
) -> Result<(), RecordError> {
    write_atomically(&folder.join(file), |out| {
        let mut table = csv::Writer::from_writer(out);
        table.write_record(["part", "class", "threshold", x, y]).map_err(io_error)?;
        for PartDiagnostics { part, curves, .. } in parts {
            for (class, curves) in classes.iter().zip(curves) {
                for CurvePoint { x, y, threshold } in of(curves) {
                    let threshold = threshold.map(|threshold| threshold.to_string());
                    let cells = [&threshold.unwrap_or_default(), &x.to_string(), &y.to_string()];
                    let row = [part.name(), class].into_iter().chain(cells.map(String::as_str));
                    table.write_record(row).map_err(io_error)?;
                }
            }
        }
        table.flush()
    })
}
