//! The families of models: how each is trained, round by round, and the fitted models.
//!
//! A [`Recipe`] tells the sweep about a trial's hyperparameters, a [`Learner`] trains the members
//! of a job together, and [`Fitted`] is a trained model. What is made of them (curves, the best round,
//! early stopping, the journal, ensembles, predictions) knows no family by its name. A new family is a
//! line in [`crate::spec::Family`], one in [`recipe`], one in [`Fitted`], and a file here.
//!
//! A *round* is an epoch of a network, a tree of a forest, an iteration of boosting or of a solver, a
//! number of neighbours. Trials that differ only in their number of rounds are one training,
//! evaluated after each of these numbers.

mod boosted;
mod class_rows;
mod dataset;
mod fitted;
mod forest;
mod gradient_boosting;
mod knn;
mod learner;
mod library_place;
mod lightgbm;
mod logistic_regression;
mod mlp;
mod recipe;
mod shape;
mod singles;
mod stored;
#[cfg(test)]
mod toy;
mod xgboost;
mod xgboost_library;

pub use class_rows::UnknownClass;
pub use dataset::Dataset;
pub use fitted::{Fitted, LEAST_PROBABILITY, Network};
pub use knn::Knn;
pub use learner::{FitError, Learner};
pub use lightgbm::lightgbm;
pub use mlp::{Argument, Module, RateCourse, Rates};
pub use recipe::{Context, Member, Recipe, Size};
pub use shape::{NeighboursShape, Shape};
pub use stored::{ModelFile, Numbers, Stored};

use crate::spec::Params;

/// What the sweep needs to know of a trial's hyperparameters: the list of families.
pub fn recipe(params: &Params) -> &dyn Recipe {
    match params {
        Params::Mlp(params) => params,
        Params::LogisticRegression(params) => params,
        Params::RandomForest(params) => params,
        Params::ExtraTrees(params) => params,
        Params::GradientBoosting(params) => params,
        Params::Xgboost(params) => params,
        Params::Knn(params) => params,
        #[cfg(test)]
        Params::Toy(params) => params,
    }
}
