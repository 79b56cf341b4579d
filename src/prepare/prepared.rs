//! A table made ready for training: picked, split, fitted, transformed.

use polars::prelude::DataFrame;

use super::{Keys, Pipeline, PrepareError, Recipe, Target, audit};
use crate::data::{FoldRows, RowKeys, SplitError, Table, split, take};
use crate::examples::{Examples, Fold, Part};
use crate::spec::{GridFile, Missing};

/// Why a table cannot be made ready.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// A column or a cell.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// Too few rows, or none of a class.
    #[error("{path}: {source}")]
    Split {
        /// The table.
        path: String,
        /// What is lacking.
        source: SplitError,
    },
}

/// A table made ready for training.
#[derive(Debug)]
pub struct Prepared {
    /// The columns that are learnt from.
    pub recipe: Recipe,
    /// The fitted preparation, one a fold.
    pub pipelines: Vec<Pipeline>,
    /// The prepared rows, one a fold.
    pub folds: Vec<Fold>,
    /// Row numbers of the parts, one a fold.
    pub rows: Vec<FoldRows>,
    /// The target's column in the table.
    pub target: String,
    /// The classes.
    pub classes: Vec<String>,
    /// What the user should know: rows left out, names that no column has.
    pub notes: Vec<String>,
    /// Features that cannot help, or help too much.
    pub warnings: Vec<String>,
}

/// Makes a table ready: nothing is fitted on a row that is not a train row of the fold.
///
/// # Errors
/// [`NotReady`] names the column, row or class.
pub fn prepare(table: &Table, grid: &GridFile, run_seed: u64) -> Result<Prepared, NotReady> {
    let (recipe, mut notes) = Recipe::settle(table, &grid.data, &grid.derive)?;
    let frame = recipe.extract(table)?;
    let kept = complete_rows(table, &frame, &grid.data.target, grid.prepare.missing)?;
    let target = Target::read(table, &grid.data.target, &kept)?;
    if kept.len() < table.rows() {
        let dropped = table.rows() - kept.len();
        let what = match grid.prepare.missing {
            Missing::DropRows => "with missing cells",
            _ => "without the target",
        };
        notes.push(format!("left out {dropped} row(s) {what}"));
    }
    let labels: Vec<u32> = kept.iter().filter_map(|&row| target.labels[row]).collect();
    let keys = Keys::read(table, grid, &kept)?;
    let (groups, times) = (keys.groups.as_deref(), keys.times.as_deref());
    let keys = RowKeys { labels: &labels, classes: &target.classes, groups, times };
    let mut rows = split(&keys, &grid.split, run_seed)
        .map_err(|source| NotReady::Split { path: table.source.clone(), source })?;
    for fold in &mut rows {
        fold.number_by(&kept);
    }
    let kept = take(&frame, &kept).map_err(PrepareError::from)?;
    let warnings = audit(&kept, &labels);
    let mut pipelines = Vec::new();
    let mut folds = Vec::new();
    let mut unseen = 0;
    for fold in &rows {
        let train = fold.train_rows(&frame).map_err(PrepareError::from)?;
        let pipeline = Pipeline::fit(&train, &grid.prepare, &table.source)?;
        let mut prepared = Fold::default();
        for part in Part::ALL {
            let rows = fold.part(part);
            let transformed = pipeline.transform(&frame, rows, &table.source)?;
            unseen += transformed.unseen;
            let labels = rows.iter().filter_map(|&row| target.labels[row]).collect();
            *prepared.part_mut(part) = Examples { features: transformed.matrix, labels };
        }
        pipelines.push(pipeline);
        folds.push(prepared);
    }
    if unseen > 0 {
        notes.push(format!("{unseen} cell(s) hold a category that the train rows do not hold"));
    }
    let (target, classes) = (target.column, target.classes);
    Ok(Prepared { recipe, pipelines, folds, rows, target, classes, notes, warnings })
}

/// The rows to use: all, or those without a gap, as the policy says.
fn complete_rows(
    table: &Table,
    frame: &DataFrame,
    target: &str,
    policy: Missing,
) -> Result<Vec<usize>, PrepareError> {
    let path = || table.source.clone();
    let target = table.column(target)?;
    let mut complete: Vec<bool> =
        target.is_null().iter().map(|missing| missing != Some(true)).collect();
    let gap = complete.iter().position(|there| !there);
    // A row without its class has nothing to teach, whatever its features are filled with.
    if let Some(row) = gap.filter(|_| policy == Missing::Error) {
        let cells = complete.iter().filter(|there| !*there).count();
        let column = target.name().to_string();
        return Err(PrepareError::MissingTarget { path: path(), column, row: row + 1, cells });
    }
    for column in frame.columns().iter().filter(|column| column.null_count() > 0) {
        let gaps = column.is_null();
        let gaps = gaps.iter().enumerate().filter(|(_, gap)| *gap == Some(true));
        let gaps: Vec<usize> = gaps.map(|(row, _)| row).collect();
        match (policy, gaps.first()) {
            (Missing::Error, Some(row)) => {
                let (column, cells) = (column.name().to_string(), gaps.len());
                return Err(PrepareError::Missing { path: path(), column, row: row + 1, cells });
            }
            (Missing::DropRows, _) => gaps.iter().for_each(|&row| complete[row] = false),
            _ => {}
        }
    }
    let kept: Vec<usize> = (0..complete.len()).filter(|&row| complete[row]).collect();
    if kept.is_empty() { Err(PrepareError::NothingLeft { path: path() }) } else { Ok(kept) }
}
