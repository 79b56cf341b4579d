//! A table made ready for training: steps that need no figures, the split, and for each fold the steps
//! that take figures from its train rows.

use super::fitting::Fitting;
use super::parts::{PartGroups, PartTimes, part_groups, part_times};
use super::remarks::{embedding_warning, split_warning, unscaled, weight_warning};
use super::rows::{Rows, Tables};
use super::sequence::codes;
use super::start::start;
use super::steps::FittedStep;
use super::{Pipeline, PrepareError, Target, TrainRows, audit};
use crate::data::{FoldRows, RowKeys, SplitError, Table, split};
use crate::examples::Fold;
use crate::random::Streams;
use crate::spec::{By, GridFile, Step};

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
    /// The fitted preparation: the folds of the first way of the grid's variants, then of the next.
    pub pipelines: Vec<Pipeline>,
    /// The prepared rows, in the same order.
    pub folds: Vec<Fold>,
    /// Each way's preparation fitted on all train and validation rows, and these as train rows; none
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
    /// Where the pipeline and the rows of a way and fold stand.
    pub fn place(&self, way: usize, fold: usize) -> usize {
        way * self.rows.len() + fold
    }

    /// The rows and the pipeline of a way on a fold, or on all train and validation rows where no fold
    /// is named.
    pub fn at(&self, way: usize, fold: Option<usize>) -> (&Fold, &Pipeline) {
        match fold {
            Some(fold) => {
                let place = self.place(way, fold);
                (&self.folds[place], &self.pipelines[place])
            }
            None => (&self.whole[way].0, &self.whole[way].1),
        }
    }

    /// Width of a row, for each of the folds.
    pub fn widths(&self) -> Vec<usize> {
        self.pipelines.iter().map(|pipeline| pipeline.inputs.len()).collect()
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
    let ways = grid.variants.ways();
    let more = ways.iter().flat_map(|(_, steps)| *steps);
    let every: Vec<Step> = grid.steps.iter().chain(more).cloned().collect();
    let (mut rows, reads) = start(table, tables, grid, &every)?;
    let shared = grid.steps.iter().position(Step::needs_split).unwrap_or(grid.steps.len());
    let key = |place: usize| format!("steps[{place}]");
    let mut steps = Vec::new();
    for (place, step) in grid.steps[..shared].iter().enumerate() {
        let settled = FittedStep::settle(step, &mut rows);
        let settled = settled.map_err(|error| error.in_step(key(place), step.name()))?;
        settled.apply(&mut rows).map_err(|error| error.in_step(key(place), step.name()))?;
        steps.push(settled);
        if rows.height() == 0 {
            let said = rows.notes.pop().unwrap_or_default();
            return Err(PrepareError::NothingLeft { path: rows.path(), said }
                .in_step(key(place), step.name())
                .into());
        }
    }
    let target = Target::read(&rows)?;
    let features = rows.features().to_vec();
    if features.is_empty() {
        return Err(PrepareError::NoFeatures { path: rows.path() }.into());
    }
    let learnt = features.iter().map(|name| rows.column(name));
    let mut warnings = audit(&learnt.collect::<Result<Vec<_>, _>>()?, &target.labels);
    warnings.extend(split_warning(grid));
    warnings.extend(weight_warning(grid));
    let folds = split_rows(&rows, &target, grid, run_seed)?;
    let mut prepared = Prepared {
        pipelines: Vec::new(),
        folds: Vec::new(),
        whole: Vec::new(),
        rows: Vec::new(),
        features,
        times: None,
        groups: part_groups(&rows, &folds, grid.split.by())?,
        split_counts: Vec::new(),
        notes: std::mem::take(&mut rows.notes),
        warnings,
        target: target.column.clone(),
        classes: target.classes.clone(),
    };
    // By way, then by fold.
    let mut made: Vec<Vec<(Fold, Pipeline)>> = ways.iter().map(|_| Vec::new()).collect();
    let count = folds.len();
    let whole = grid.model.refit.then(|| FoldRows::whole(&folds));
    for (number, mut fold_rows) in folds.into_iter().chain(whole).enumerate() {
        let streams = |place: usize| Streams::new(run_seed, place as u64, number as u32);
        let mut common = Fitting::new(rows.clone(), &fold_rows, &target, steps.clone());
        for (place, step) in grid.steps.iter().enumerate().skip(shared) {
            let fitted = common.fit(step, &streams(place));
            fitted.map_err(|error| error.in_step(key(place), step.name()))?;
        }
        if number == 0 {
            prepared.split_counts =
                TrainRows::of(&fold_rows, &target.labels).counts(&target.classes);
            prepared.times = part_times(&rows, &fold_rows, grid.split.by())?;
            prepared.notes.append(&mut common.notes);
            prepared.warnings.append(&mut common.warnings);
        }
        for ((variant, more), made) in ways.iter().zip(&mut made) {
            let mut fitting = common.clone();
            for (place, step) in more.iter().enumerate() {
                let fitted = fitting.fit(step, &streams(grid.steps.len() + place));
                let key = format!("variants.{variant}.steps[{place}]");
                fitted.map_err(|error| error.in_step(key, step.name()))?;
            }
            let mut said = std::mem::take(&mut fitting.notes);
            let mut warned = std::mem::take(&mut fitting.warnings);
            let unseen = fitting.unseen();
            let (fold, pipeline) = fitting.finish(&reads, &fold_rows)?;
            if number == 0 {
                warned.extend(unscaled(&fold.train.features, &pipeline));
                warned.extend(embedding_warning(grid, more, &fold.numbers));
                if unseen > 0 {
                    said.push(format!("{unseen} cell(s) hold a category that is not known"));
                }
                let of_variant = |text| {
                    if more.is_empty() { text } else { format!("variant {variant}: {text}") }
                };
                prepared.notes.extend(said.into_iter().map(of_variant));
                prepared.warnings.extend(warned.into_iter().map(of_variant));
            }
            made.push((fold, pipeline));
        }
        if number < count {
            fold_rows.number_by(rows.origin());
            prepared.rows.push(fold_rows);
        }
    }
    for mut of_way in made {
        prepared.whole.extend(of_way.drain(count..));
        for (fold, pipeline) in of_way {
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
