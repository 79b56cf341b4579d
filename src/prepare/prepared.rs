//! A table made ready for training: steps that need no figures, the split, and for each fold the steps
//! that take figures from its train rows.

use super::rows::{Rows, Tables};
use super::sequence::codes;
use super::start::start;
use super::steps::FittedStep;
use serde::Serialize;

use super::fitting::Fitting;
use super::{Pipeline, PrepareError, Target, audit};
use crate::data::{FoldRows, RowKeys, SplitError, Table, show_time, split};
use crate::examples::{Fold, Matrix, Part};
use crate::random::Streams;
use crate::spec::{By, GridFile, Span, Step};

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

/// The first and the last time of each part, ISO 8601.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs)] // the parts
pub struct PartTimes {
    pub train: [String; 2],
    pub valid: [String; 2],
    pub test: [String; 2],
}

/// A table made ready for training.
#[derive(Debug)]
pub struct Prepared {
    /// The fitted preparation: the folds of the first way of the grid's variants, then of the next.
    pub pipelines: Vec<Pipeline>,
    /// The prepared rows, in the same order.
    pub folds: Vec<Fold>,
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

    /// Width of a row prepared in each way.
    pub fn widths(&self) -> Vec<usize> {
        let first = self.pipelines.iter().step_by(self.rows.len().max(1));
        first.map(|pipeline| pipeline.inputs.len()).collect()
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
    let folds = split_rows(&rows, &target, grid, run_seed)?;
    let mut prepared = Prepared {
        pipelines: Vec::new(),
        folds: Vec::new(),
        rows: Vec::new(),
        features,
        times: None,
        notes: std::mem::take(&mut rows.notes),
        warnings,
        target: target.column.clone(),
        classes: target.classes.clone(),
    };
    // By way, then by fold.
    let mut made: Vec<Vec<(Fold, Pipeline)>> = ways.iter().map(|_| Vec::new()).collect();
    for (number, mut fold_rows) in folds.into_iter().enumerate() {
        let streams = |place: usize| Streams::new(run_seed, place as u64, number as u32);
        let mut common = Fitting::new(rows.clone(), &fold_rows, &target, steps.clone());
        for (place, step) in grid.steps.iter().enumerate().skip(shared) {
            let fitted = common.fit(step, &streams(place));
            fitted.map_err(|error| error.in_step(key(place), step.name()))?;
        }
        if number == 0 {
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
        fold_rows.number_by(rows.origin());
        prepared.rows.push(fold_rows);
    }
    for (fold, pipeline) in made.into_iter().flatten() {
        prepared.folds.push(fold);
        prepared.pipelines.push(pipeline);
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

/// From when to when the parts last.
fn part_times(rows: &Rows, fold: &FoldRows, by: By) -> Result<Option<PartTimes>, PrepareError> {
    let (Some(time), By::Time) = (&rows.roles.time, by) else { return Ok(None) };
    let times = rows.times(time)?;
    let range = |part: Part| {
        let times = fold.part(part).iter().map(|&row| times[row]);
        let ends = [times.clone().min(), times.max()];
        ends.map(|end| end.map(show_time).unwrap_or_default())
    };
    let [train, valid, test] = Part::ALL.map(range);
    Ok(Some(PartTimes { train, valid, test }))
}

/// A word on splits that put rows which share readings or events into different parts.
fn split_warning(grid: &GridFile) -> Option<String> {
    let by = grid.split.by();
    let chance = matches!(by, By::Stratified | By::Random);
    if let Some(step) = grid.steps.iter().find(|step| step.shares_rows()).filter(|_| chance) {
        return Some(format!(
            "{} makes rows share what they tell, and the rows are split by chance: validation and \
             test rows look better than what is to come; split by time or group",
            step.name()
        ));
    }
    let gap = grid.split.gap().map_or(0, Span::milliseconds);
    grid.steps.iter().find_map(|step| match step {
        Step::Label(label) if by == By::Time && gap < label.within.milliseconds() => Some(format!(
            "the label looks {} ahead, and the split's gap is shorter: the last rows before a part tell \
             of it; set \"gap\": \"{}\"",
            label.within, label.within
        )),
        _ => None,
    })
}

/// A word on inputs that are far from the size that networks learn from.
fn unscaled(train: &Matrix, pipeline: &Pipeline) -> Option<String> {
    const LARGE: f32 = 100.0;
    let mut largest = vec![0.0_f32; train.columns()];
    for row in train.values().chunks_exact(train.columns().max(1)) {
        for (largest, value) in largest.iter_mut().zip(row) {
            *largest = largest.max(value.abs());
        }
    }
    let large = pipeline.inputs.iter().zip(largest).filter(|(_, largest)| *largest > LARGE);
    let large: Vec<String> = large.map(|(name, _)| format!("{name:?}")).collect();
    let first = large.first()?;
    let others = match large.len() {
        1 => String::new(),
        count => format!(" and {} other input(s)", count - 1),
    };
    Some(format!(
        "{first}{others} reach beyond {LARGE}, from which networks learn badly: add a step \
         {{\"scale\": {{}}}}"
    ))
}
