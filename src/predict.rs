//! What a saved model predicts of a table.

use crate::data::Table;
use crate::engine::Engine;
use crate::examples::Matrix;
use crate::families::FitError;
use crate::model::Ensemble;
use crate::prepare::{PrepareError, Tables, Transformed};

/// Why a model cannot predict the rows of a table.
#[derive(Debug, thiserror::Error)]
pub enum PredictError {
    /// The table cannot be prepared.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// The members' preparations do not leave the same rows.
    #[error("the members of this model leave different rows out: it cannot be used")]
    Rows,
    /// A member cannot predict.
    #[error(transparent)]
    Fit(#[from] FitError),
}

/// A table as the members of a model prepare it.
#[derive(Debug, Clone, PartialEq)]
pub struct PreparedTable {
    /// Members mostly share a preparation: each different one is done once, the first member's first.
    views: Vec<Transformed>,
    /// Which of them each member takes.
    places: Vec<usize>,
}

impl PreparedTable {
    /// Prepares a table for a model; `tables` are the auxiliary ones. The cells of `target` are kept, where it
    /// is named.
    ///
    /// # Errors
    /// [`PredictError`].
    pub fn new(
        model: &Ensemble,
        (table, tables): (&Table, &Tables),
        target: Option<&str>,
    ) -> Result<Self, PredictError> {
        let preparation = |member: usize| &model.members()[member].model.description.preparation;
        // The member whose preparation each view is.
        let (mut firsts, mut views, mut places) = (Vec::<usize>::new(), Vec::new(), Vec::new());
        for member in 0..model.members().len() {
            let known = firsts.iter().position(|&first| preparation(first) == preparation(member));
            places.push(known.unwrap_or(views.len()));
            if known.is_none() {
                views.push(preparation(member).transform(table, tables, target)?);
                firsts.push(member);
            }
        }
        let view: &[Transformed] = &views;
        if view.windows(2).any(|pair| pair[0].origin != pair[1].origin) {
            return Err(PredictError::Rows);
        }
        Ok(Self { views, places })
    }

    /// The rows as the first member takes them; which rows they are is the same for all.
    pub fn first(&self) -> &Transformed {
        &self.views[0]
    }

    /// The different preparations of the rows.
    pub fn views(&self) -> impl ExactSizeIterator<Item = &Matrix> {
        self.views.iter().map(|view| &view.matrix)
    }

    /// Which of [`PreparedTable::views`] each member takes.
    pub fn places(&self) -> &[usize] {
        &self.places
    }

    /// Log-probabilities `[rows, classes]` of the rows, calibrated.
    ///
    /// # Errors
    /// [`PredictError::Fit`].
    pub fn log_probabilities(
        &self,
        model: &Ensemble,
        engine: &dyn Engine,
    ) -> Result<Vec<f64>, PredictError> {
        let rows = |member: usize| &self.views[self.places[member]].matrix;
        let logs = model.log_probabilities(engine, rows)?;
        Ok(model.decision().tempered(logs, model.description().classes.len()))
    }
}
