//! A table made ready for training: steps that need no figures, the split, and for each fold the steps
//! that take figures from its train rows.

use super::class_counts::{balance_note, outlier_note};
use super::parts::{PartGroups, PartTimes, part_groups, part_times};
use super::pipeline::{self, Read};
use super::rows::{Rows, Tables};
use super::sequence::codes;
use super::start::start;
use super::steps::FittedStep;
use super::{Pipeline, PrepareError, Target, TrainRows, audit};
use crate::data::{FoldRows, RowKeys, SplitError, Table, split};
use crate::examples::{Examples, Fold, Matrix, Part};
use crate::random::Streams;
use crate::spec::{By, ClassWeight, GridFile, OutlierAction, Span, Step, WeightRule};

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
    /// The fitted preparation, one a fold.
    pub pipelines: Vec<Pipeline>,
    /// The prepared rows, one a fold.
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
    let (mut rows, reads) = start(table, tables, grid, &grid.steps)?;
    let shared = grid.steps.iter().position(Step::needs_split).unwrap_or(grid.steps.len());
    let mut steps = Vec::new();
    for (place, step) in grid.steps[..shared].iter().enumerate() {
        let settled = FittedStep::settle(step, &mut rows);
        let settled = settled.map_err(|error| error.in_step(place))?;
        settled.apply(&mut rows).map_err(|error| error.in_step(place))?;
        steps.push(settled);
        if rows.height() == 0 {
            let said = rows.notes.pop().unwrap_or_default();
            return Err(PrepareError::NothingLeft { path: rows.path(), said }
                .in_step(place)
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
        rows: Vec::new(),
        features,
        times: None,
        groups: part_groups(&rows, &folds, grid.split.by())?,
        split_counts: Vec::new(),
        notes: std::mem::take(&mut rows.notes),
        warnings: Vec::new(),
        target: target.column.clone(),
        classes: target.classes.clone(),
    };
    let mut unseen = 0;
    for (number, mut fold_rows) in folds.into_iter().enumerate() {
        let streams = |place: usize| Streams::new(run_seed, place as u64, number as u32);
        let mut fitting = Fitting {
            rows: rows.clone(),
            train: TrainRows::of(&fold_rows, &target.labels),
            steps: steps.clone(),
            notes: Vec::new(),
            warnings: Vec::new(),
        };
        for (place, step) in grid.steps.iter().enumerate().skip(shared) {
            let fitted = fitting.fit(step, &target.classes, &streams(place));
            fitted.map_err(|error| error.in_step(place))?;
        }
        if number == 0 {
            unseen = fitting.rows.unseen;
            prepared.split_counts =
                TrainRows::of(&fold_rows, &target.labels).counts(&target.classes);
            prepared.times = part_times(&rows, &fold_rows, grid.split.by())?;
            warnings.append(&mut fitting.warnings);
            prepared.notes.append(&mut fitting.notes);
        }
        let (fold, pipeline) = fitting.finish(&reads, &fold_rows, &target)?;
        if number == 0 {
            warnings.extend(unscaled(&fold.train.features, &pipeline));
        }
        fold_rows.number_by(rows.origin());
        prepared.folds.push(fold);
        prepared.pipelines.push(pipeline);
        prepared.rows.push(fold_rows);
    }
    if unseen > 0 {
        let note = format!("{unseen} cell(s) hold a category that is not known");
        prepared.notes.push(note);
    }
    prepared.warnings = warnings;
    Ok(prepared)
}

/// A fold while its steps are fitted.
struct Fitting<'t> {
    rows: Rows<'t>,
    train: TrainRows<'t>,
    steps: Vec<FittedStep>,
    notes: Vec<String>,
    warnings: Vec<String>,
}

impl Fitting<'_> {
    /// Fits a step and does it.
    fn fit(
        &mut self,
        step: &Step,
        classes: &[String],
        streams: &Streams,
    ) -> Result<(), PrepareError> {
        let before = self.train.counts(classes);
        if let Step::Balance(how) = step {
            self.train.balance(how, &self.rows, classes, streams)?;
            self.notes.push(balance_note(classes, &before, &self.train.counts(classes)));
            return Ok(());
        }
        let fitted = FittedStep::fit(step, &mut self.rows, &self.train)?;
        self.notes.append(&mut self.rows.notes);
        if let (Step::IqrOutliers(how), FittedStep::Bounds(bounds)) = (step, &fitted)
            && how.action == OutlierAction::Remove
        {
            self.train.leave_out(bounds, &self.rows)?;
            let after = self.train.counts(classes);
            self.warnings.extend(outlier_note(classes, &before, &after));
            if let Some(lost) = after.iter().position(|&rows| rows == 0) {
                let (path, class) = (self.rows.path(), classes[lost].clone());
                return Err(PrepareError::ClassLost { path, class });
            }
            return Ok(());
        }
        fitted.apply(&mut self.rows)?;
        self.train.apply(&fitted)?;
        self.steps.push(fitted);
        Ok(())
    }

    /// The rows as the network takes them, and the pipeline that makes them so.
    fn finish(
        self,
        reads: &[Read],
        fold: &FoldRows,
        target: &Target,
    ) -> Result<(Fold, Pipeline), PrepareError> {
        let inputs = self.rows.features().to_vec();
        let all = pipeline::matrix(&self.rows, &inputs)?;
        let mut prepared = Fold { train: self.train.examples(&all, &inputs)?, ..Fold::default() };
        for part in [Part::Valid, Part::Test] {
            *prepared.part_mut(part) = examples(&all, fold.part(part), &target.labels);
        }
        let roles = self.rows.roles.clone();
        let pipeline = Pipeline::new(reads, roles, self.steps, inputs, &target.column);
        Ok((prepared, pipeline))
    }
}

fn examples(all: &Matrix, rows: &[usize], labels: &[u32]) -> Examples {
    let values = rows.iter().flat_map(|&row| all.row(row)).copied().collect();
    let labels = rows.iter().map(|&row| labels[row]).collect();
    Examples { features: Matrix::new(all.columns(), values), labels }
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

/// A word on rare classes that are raised twice.
fn weight_warning(grid: &GridFile) -> Option<String> {
    let balances = grid.steps.iter().any(|step| matches!(step, Step::Balance(_)));
    let mut weights = grid.grid.class_weight.values().iter();
    let weighted = weights.any(|one| *one != ClassWeight::Rule(WeightRule::None));
    (balances && weighted).then(|| {
        "balance and class_weight compound: weights count on top of the rows that balance has added or \
         left out (\"balanced\" is computed of those); take one of the two"
            .to_owned()
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
