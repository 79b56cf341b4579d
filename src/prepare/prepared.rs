//! A table made ready for training: steps that are not fitted, the split, and for each fold the steps
//! that are fitted on its train rows.

use super::branch::Branch;
use super::parts::{PartGroups, PartTimes, part_groups, part_times};
use super::remarks::{split_warning, weight_warning};
use super::rows::{Rows, Tables};
use super::sequence::codes;
use super::trunk::Trunk;
use super::{Pipeline, PrepareError, Target, TrainRows, audit};
use crate::data::{FoldRows, RowKeys, SplitError, Table, split};
use crate::examples::Fold;
use crate::spec::{By, GridFile};

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

impl NotReady {
    /// The step that met it, by its key in the grid file.
    pub fn step(&self) -> Option<&str> {
        match self {
            Self::Prepare(PrepareError::Step { key, .. }) => Some(key),
            _ => None,
        }
    }
}

/// A table made ready for training.
#[derive(Debug)]
pub struct Prepared {
    /// The fitted preparation: the folds of the first preparation of the grid's variants, then of the
    /// next.
    pub pipelines: Vec<Pipeline>,
    /// The prepared rows, in the same order.
    pub folds: Vec<Fold>,
    /// Each preparation fitted on all train and validation rows, and these as train rows; none
    /// where the grid file asks for no refit.
    pub whole: Vec<(Fold, Pipeline)>,
    /// Row numbers of the parts in the table, one a fold.
    pub rows: Vec<FoldRows>,
    /// The features before the split: columns of the table, and what the steps have made of them.
    pub features: Vec<String>,
    /// The target's column in the table.
    pub target: String,
    /// The classes.
    pub classes: Vec<String>,
    /// The first and the last time of each part, where the rows of the first fold are split by time.
    pub times: Option<PartTimes>,
    /// The groups of each part, one a fold; none where rows are not split by group.
    pub groups: Vec<PartGroups>,
    /// `[classes]`: the first fold's train rows as they were split, before steps that balance them or
    /// leave some out.
    pub split_counts: Vec<usize>,
    /// What the user should know: rows left out, names that no column has.
    pub notes: Vec<String>,
    /// Features that cannot help, or help too much.
    pub warnings: Vec<String>,
}

impl Prepared {
    /// The rows and the pipeline of a preparation on a fold, or on all train and validation rows where no
    /// fold is named.
    pub fn at(&self, preparation: usize, fold: Option<usize>) -> (&Fold, &Pipeline) {
        match fold {
            Some(fold) => {
                let place = preparation * self.rows.len() + fold;
                (&self.folds[place], &self.pipelines[place])
            }
            None => (&self.whole[preparation].0, &self.whole[preparation].1),
        }
    }
}

/// Makes a table ready: nothing is fitted on a row that is not a train row of the fold. `tables` are
/// those beside it, by the names of `data.tables`.
///
/// # Errors
/// [`NotReady`] names the step, column, row or class.
pub fn prepare(
    table: &Table,
    tables: &Tables,
    grid: &GridFile,
    run_seed: u64,
) -> Result<Prepared, NotReady> {
    let preparations = grid.variants.preparations();
    let trunks = Trunk::all(table, tables, grid, &preparations)?;
    let Some(Trunk { rows, target, .. }) = trunks.first() else {
        return Err(PrepareError::NoFeatures { path: table.source.clone() }.into());
    };
    let features = rows.features().to_vec();
    let mut warnings: Vec<String> = Vec::new();
    for Trunk { rows, target, .. } in &trunks {
        let learnt = rows.features().iter().map(|name| rows.column(name));
        for warning in audit(&learnt.collect::<Result<Vec<_>, _>>()?, &target.labels) {
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
    }
    warnings.extend(split_warning(grid));
    warnings.extend(weight_warning(grid));
    let folds = split_rows(rows, target, grid, run_seed)?;
    let mut prepared = Prepared {
        pipelines: Vec::new(),
        folds: Vec::new(),
        whole: Vec::new(),
        rows: Vec::new(),
        features,
        times: None,
        groups: part_groups(rows, &folds, grid.split.by())?,
        split_counts: Vec::new(),
        notes: trunks.iter().flat_map(|trunk| trunk.notes.clone()).collect(),
        warnings,
        target: target.column.clone(),
        classes: target.classes.clone(),
    };
    // By preparation, then by fold.
    let mut made: Vec<Vec<(Fold, Pipeline)>> = preparations.iter().map(|_| Vec::new()).collect();
    let count = folds.len();
    let whole = grid.model.refit.then(|| FoldRows::whole(&folds));
    for (number, mut fold_rows) in folds.into_iter().chain(whole).enumerate() {
        if number == 0 {
            prepared.split_counts =
                TrainRows::of(&fold_rows, &target.labels).counts(&target.classes);
            prepared.times = part_times(rows, &fold_rows, grid.split.by())?;
        }
        for trunk in &trunks {
            let mut common = trunk.fit(&fold_rows, (run_seed, number))?;
            if number == 0 {
                prepared.notes.append(&mut common.notes);
                prepared.warnings.append(&mut common.warnings);
            }
            for (preparation, made) in preparations.iter().zip(&mut made) {
                if preparation.replaced != trunk.replaced {
                    continue;
                }
                let branch = Branch { preparation, grid, trunk };
                let fitting = branch.fit(&common, (run_seed, number))?;
                let (mut said, mut warned) = (Vec::new(), Vec::new());
                let fitted = branch.finish(fitting, &fold_rows, (&mut said, &mut warned))?;
                if number == 0 {
                    prepared.notes.extend(said);
                    prepared.warnings.extend(warned);
                }
                made.push(fitted);
            }
        }
        if number < count {
            fold_rows.number_by(rows.origin());
            prepared.rows.push(fold_rows);
        }
    }
    for mut of_preparation in made {
        prepared.whole.extend(of_preparation.drain(count..));
        for (fold, pipeline) in of_preparation {
            prepared.folds.push(fold);
            prepared.pipelines.push(pipeline);
        }
    }
    Ok(prepared)
}

fn split_rows(
    rows: &Rows,
    target: &Target,
    grid: &GridFile,
    run_seed: u64,
) -> Result<Vec<FoldRows>, NotReady> {
    let by = grid.split.by();
    let groups = match (&rows.roles.group, by) {
        (Some(group), By::Group) => Some(codes(rows.column(group)?, rows)?.0),
        _ => None,
    };
    let times = match (&rows.roles.time, by) {
        (Some(time), By::Time) => Some(rows.times(time)?),
        _ => None,
    };
    let keys = RowKeys {
        labels: &target.labels,
        classes: &target.classes,
        groups: groups.as_deref(),
        times: times.as_deref(),
    };
    split(&keys, &grid.split, run_seed)
        .map_err(|source| NotReady::Split { path: rows.path(), source })
}
