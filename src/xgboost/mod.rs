//! Gradient boosting of decision trees by XGBoost: its own library, loaded at run time, and an
//! evaluator of our own for its models.
//!
//! Training calls the shared library of XGBoost's Python package, so that the trees are those of a
//! Python user. Prediction needs no library: [`Booster`] reads a model's JSON text, which may be a
//! stranger's, checks it in full, and computes what XGBoost computes, bit for bit. XGBoost's own
//! reader is never given a file.

mod evaluate;
mod gist;
mod library;
mod memory;
mod settings;
mod text;
mod trainer;
mod tree;

#[cfg(test)]
mod tests;

pub use evaluate::Booster;
pub use library::Library;
pub use settings::{GrowPolicy, Settings, SettingsError};
pub use text::TextError;
pub use trainer::{Trainer, TrainerError};
