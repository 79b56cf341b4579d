//! A fold while its steps are fitted.

use std::collections::BTreeSet;

use super::class_counts::{balance_note, outlier_note};
use super::columns::Kind;
use super::pipeline::{self, Missing, Read};
use super::rows::{ByColumn, Rows};
use super::steps::{FittedStep, Ordinal};
use super::{Pipeline, PrepareError, Target, TrainRows};
use crate::data::{FoldRows, labels};
use crate::examples::{Examples, Fold, Matrix, Part};
use crate::random::Streams;
use crate::spec::{Balance, Family, OutlierAction, Step, Unseen};

/// A fold while its steps are fitted.
#[derive(Debug, Clone)]
pub(super) struct Fitting<'t> {
    rows: Rows<'t>,
    train: TrainRows<'t>,
    target: &'t Target,
    steps: Vec<FittedStep>,
    /// Names of the features whose numbers are categories.
    categories: Vec<String>,
    /// What the user should know of the steps.
    pub notes: Vec<String>,
    /// What the user should think about.
    pub warnings: Vec<String>,
}

impl<'t> Fitting<'t> {
    /// A fold of `rows`, for which `steps` are done.
    pub fn new(
        rows: Rows<'t>,
        fold: &FoldRows,
        target: &'t Target,
        steps: Vec<FittedStep>,
    ) -> Self {
        let train = TrainRows::of(fold, &target.labels);
        let (categories, notes, warnings) = (Vec::new(), Vec::new(), Vec::new());
        Self { rows, train, target, steps, categories, notes, warnings }
    }

    /// How many cells hold a category that train rows do not.
    pub fn unseen(&self) -> usize {
        self.rows.unseen
    }

    /// Fits a step and does it.
    pub fn fit(&mut self, step: &Step, streams: &Streams) -> Result<(), PrepareError> {
        let classes = self.target.classes.as_slice();
        let before = self.train.counts(classes);
        if let Step::Balance(how) = step {
            if matches!(how, Balance::Smote(_)) && self.rows.has_indicators() {
                self.warnings.push(
                    "smote makes fractions of the zeros and ones of one_hot and bins, which no row \
                     holds: take smote_nc, before one_hot and bins"
                        .to_owned(),
                );
            }
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

    /// Where all `families` that are trained on the rows use categories: puts numbers in place of those
    /// that are left, the train rows' in order; others are missing.
    pub fn keep_categories(&mut self, families: &[Family]) -> Result<(), PrepareError> {
        if !families.iter().all(|family| family.takes_categories()) {
            return Ok(());
        }
        let left = self.rows.chosen(None, &[Kind::Text])?;
        let mut orders = ByColumn::new();
        for name in &left {
            if self.rows.seems_numeric(name) {
                return Err(self.rows.no_numbers(name));
            }
            let cells = labels(&self.train.column(&self.rows, name)?);
            let order: BTreeSet<String> = cells.into_iter().flatten().collect();
            orders.insert(name.clone(), order.into_iter().collect());
        }
        if !left.is_empty() {
            let step = FittedStep::Ordinal(Ordinal { orders, unseen: Unseen::Ignore });
            step.apply(&mut self.rows)?;
            self.train.apply(&step)?;
            self.steps.push(step);
        }
        self.categories = left;
        Ok(())
    }

    /// The rows as the network takes them, and the pipeline that makes them so.
    /// Missing cells and categories stay where all `families` that are trained on the rows use them.
    pub fn finish(
        self,
        reads: &[Read],
        fold: &FoldRows,
        families: &[Family],
    ) -> Result<(Fold, Pipeline), PrepareError> {
        let inputs = self.rows.features().to_vec();
        let is_category = |name: &String| self.categories.contains(name);
        let places = inputs.iter().enumerate();
        let categories = places.filter(|(_, name)| is_category(name)).map(|(place, _)| place);
        let categories = categories.collect();
        let missing = Missing::of(families);
        let all = pipeline::matrix(&self.rows, &inputs, missing)?;
        let train = self.train.examples(&all, &inputs, missing)?;
        let numbers = inputs.iter().enumerate().filter(|(_, name)| !self.rows.is_indicator(name));
        let numbers = numbers.map(|(place, _)| place).collect();
        let names = inputs.clone();
        let mut prepared = Fold { train, names, numbers, categories, ..Fold::default() };
        for part in [Part::Valid, Part::Test] {
            *prepared.part_mut(part) = examples(&all, fold.part(part), &self.target.labels);
        }
        let roles = self.rows.roles.clone();
        let mut pipeline = Pipeline::new(reads, roles, self.steps, inputs, &self.target.column);
        pipeline.missing = missing;
        Ok((prepared, pipeline))
    }
}

fn examples(all: &Matrix, rows: &[usize], labels: &[u32]) -> Examples {
    let values = rows.iter().flat_map(|&row| all.row(row)).copied().collect();
    let labels = rows.iter().map(|&row| labels[row]).collect();
    Examples { features: Matrix::new(all.columns(), values), labels }
}
