//! The train rows of a fold while steps change which there are.

use polars::prelude::Column;

use super::PrepareError;
use super::balance::{self, Resampled};
use super::columns::{Kind, gaps, number_column, picked, text_cells, values};
use super::pipeline::{self, Missing};
use super::rows::Rows;
use super::steps::{Bounds, FittedStep};
use crate::data::{DataError, FoldRows, labels};
use crate::examples::{Examples, Matrix, Part};
use crate::random::Streams;
use crate::spec::Balance;

/// The train rows of a fold, and no others: what preparation may be fitted on. Only a split makes
/// them; steps leave some out, take some twice, or add rows made of them.
#[derive(Debug, Clone)]
pub struct TrainRows<'t> {
    /// Row numbers among all rows; a number that stands there twice is two rows.
    kept: Vec<usize>,
    /// Rows that are made of others.
    made: Option<Rows<'t>>,
    /// `[kept + made]`.
    labels: Vec<u32>,
}

impl<'t> TrainRows<'t> {
    /// The train rows of a fold; `labels` are those of all rows.
    pub(super) fn of(fold: &FoldRows, labels: &[u32]) -> Self {
        let kept = fold.part(Part::Train).to_vec();
        let labels = kept.iter().map(|&row| labels[row]).collect();
        Self { kept, made: None, labels }
    }

    /// How many rows each class has.
    pub(super) fn counts(&self, classes: &[String]) -> Vec<usize> {
        let mut counts = vec![0; classes.len()];
        for &label in &self.labels {
            counts[label as usize] += 1;
        }
        counts
    }

    /// The cells of the train rows in a column of all rows.
    pub(super) fn column(&self, rows: &Rows, name: &str) -> Result<Column, PrepareError> {
        let kept = picked(rows.column(name)?, &self.kept)?;
        let Some(made) = &self.made else { return Ok(kept) };
        joined(kept, made.column(name)?)
    }

    /// The numbers of the train rows in a column, without the missing ones.
    pub(super) fn numbers(&self, rows: &Rows, name: &str) -> Result<Vec<f64>, PrepareError> {
        Ok(self.labelled(rows, name)?.into_iter().map(|(value, _)| value).collect())
    }

    /// The numbers of the train rows in a column, without the missing ones, each with its row's class.
    pub(super) fn labelled(
        &self,
        rows: &Rows,
        name: &str,
    ) -> Result<Vec<(f64, u32)>, PrepareError> {
        if rows.kind(name)? != Kind::Number {
            return Err(rows.no_numbers(name));
        }
        let cells = values(&self.column(rows, name)?).into_iter().zip(self.labels.iter().copied());
        Ok(cells.filter(|(value, _)| !value.is_nan()).collect())
    }

    /// Does a step on the rows that are made of others, as it is done on all others.
    pub(super) fn apply(&mut self, step: &FittedStep) -> Result<(), PrepareError> {
        self.made.as_mut().map_or(Ok(()), |made| step.apply(made))
    }

    /// Leaves out rows that hold a number outside of bounds.
    pub(super) fn leave_out(&mut self, bounds: &Bounds, rows: &Rows) -> Result<(), PrepareError> {
        let outside = bounds.outside(rows)?;
        let mut stays: Vec<bool> = self.kept.iter().map(|&row| !outside[row]).collect();
        if let Some(made) = &mut self.made {
            let outside = bounds.outside(made)?;
            let inside: Vec<usize> = (0..made.height()).filter(|&row| !outside[row]).collect();
            made.keep(&inside)?;
            stays.extend(outside.into_iter().map(|outside| !outside));
        }
        let mut stays_kept = stays.iter();
        self.kept.retain(|_| stays_kept.next().copied().unwrap_or(true));
        let mut stays = stays.iter();
        self.labels.retain(|_| stays.next().copied().unwrap_or(true));
        Ok(())
    }

    /// Balances the classes by what the features say.
    pub(super) fn balance(
        &mut self,
        how: &Balance,
        rows: &Rows<'t>,
        classes: &[String],
        streams: &Streams,
    ) -> Result<(), PrepareError> {
        let (mut numeric, mut categorical) = (Vec::new(), Vec::new());
        if matches!(how, Balance::Smote(_) | Balance::SmoteNc(_)) {
            for name in rows.features() {
                let column = self.column(rows, name)?;
                match Kind::of(&column) {
                    Kind::Number if gaps(&column).is_empty() => numeric.push(values(&column)),
                    Kind::Text if rows.seems_numeric(name) => return Err(rows.no_numbers(name)),
                    Kind::Text if gaps(&column).is_empty() => categorical.push(codes(&column)),
                    Kind::Time => return Err(rows.no_numbers(name)),
                    _ => {
                        let (path, column) = (rows.path(), name.clone());
                        return Err(PrepareError::GapBeforeBalance { path, column });
                    }
                }
            }
        }
        let numeric: Vec<&[f64]> = numeric.iter().map(Vec::as_slice).collect();
        let categorical: Vec<&[u32]> = categorical.iter().map(Vec::as_slice).collect();
        let points = balance::Rows {
            numeric: &numeric,
            categorical: &categorical,
            labels: &self.labels,
            classes,
        };
        let resampled = balance::resample(how, &points, streams)?;
        self.take(&resampled, rows)
    }

    /// Takes what balancing has chosen and made.
    fn take(&mut self, resampled: &Resampled, rows: &Rows<'t>) -> Result<(), PrepareError> {
        let old = self.kept.len();
        let (kept, remade): (Vec<usize>, Vec<usize>) =
            resampled.kept.iter().partition(|&&row| row < old);
        let remade: Vec<usize> = remade.into_iter().map(|row| row - old).collect();
        let bases: Vec<usize> = resampled.new.iter().map(|new| new.base).collect();
        let mut columns = Vec::new();
        for column in rows.columns() {
            let name = column.name().as_str();
            let all = self.column(rows, name)?;
            let is_feature = rows.features().iter().any(|feature| feature == name);
            let new = match Kind::of(&all) {
                Kind::Number if is_feature && !bases.is_empty() => {
                    number_column(name, resampled.interpolate(&values(&all)))
                }
                Kind::Text if is_feature && !bases.is_empty() => {
                    let cells = labels(&all);
                    let cells: Vec<Option<&str>> = cells.iter().map(Option::as_deref).collect();
                    text_cells(name, &resampled.vote(&cells))
                }
                _ => picked(&all, &bases)?,
            };
            let before = match &self.made {
                Some(made) => picked(made.column(name)?, &remade)?,
                None => picked(&new, &[])?,
            };
            columns.push(joined(before, &new)?);
        }
        let row_of = |place: usize| match place.checked_sub(old) {
            None => rows.origin()[self.kept[place]],
            Some(place) => self.made.as_ref().map_or(0, |made| made.origin()[place]),
        };
        let made = remade.iter().map(|&place| row_of(place + old));
        let origin: Vec<usize> = made.chain(bases.iter().map(|&base| row_of(base))).collect();
        // Rows that are made come last, after those that stay.
        let in_order = kept.iter().copied().chain(remade.iter().map(|place| place + old));
        let stay = in_order.map(|place| self.labels[place]);
        self.labels = stay.chain(resampled.new.iter().map(|new| new.class)).collect();
        self.kept = kept.iter().map(|&place| self.kept[place]).collect();
        self.made = if origin.is_empty() {
            None
        } else {
            let mut made = rows.clone();
            made.replace(columns, origin);
            Some(made)
        };
        Ok(())
    }

    /// The rows as the network takes them; `all` are the inputs of all rows.
    pub(super) fn examples(
        self,
        all: &Matrix,
        inputs: &[String],
        missing: Missing,
    ) -> Result<Examples, PrepareError> {
        let mut values = Vec::with_capacity(self.labels.len() * inputs.len());
        for &row in &self.kept {
            values.extend_from_slice(all.row(row));
        }
        if let Some(made) = &self.made {
            values.extend_from_slice(pipeline::matrix(made, inputs, missing)?.values());
        }
        Ok(Examples { features: Matrix::new(inputs.len(), values), labels: self.labels })
    }
}

/// One column below another.
fn joined(mut first: Column, second: &Column) -> Result<Column, PrepareError> {
    first.append(second).map_err(|error| DataError::Frame {
        path: second.name().to_string(),
        reason: error.to_string(),
    })?;
    Ok(first.rechunk())
}

/// Categories as codes.
fn codes(column: &Column) -> Vec<u32> {
    let mut seen = std::collections::HashMap::new();
    let code = |label: Option<String>| {
        let next = seen.len() as u32;
        *seen.entry(label).or_insert(next)
    };
    labels(column).into_iter().map(code).collect()
}
