//! Gradient boosting of decision trees: LightGBM itself, loaded at run time, and an evaluator of our
//! own for its models.
//!
//! Training calls the shared library of LightGBM's Python package, so that the trees are the same as
//! a Python user's. Prediction needs no library: [`Booster`] reads a model's text, which may be a
//! stranger's, checks it in full, and computes what LightGBM computes, bit for bit. LightGBM's own
//! parser is never given a file: a child index out of range makes it crash.

mod block;
mod evaluate;
mod library;
mod masks;
mod memory;
mod names;
mod rows;
mod settings;
mod text;
mod trainer;
mod tree;
mod version;

#[cfg(test)]
mod tests;

pub use evaluate::Booster;
pub use library::Library;
pub use memory::MemoryNeed;
pub(crate) use names::unique_names;
pub(crate) use rows::CATEGORIES;
pub use rows::{Rows, RowsError, TrainRows};
pub(crate) use settings::number;
pub use settings::{DataSampleStrategy, Settings, SettingsError};
pub use text::TextError;
pub use trainer::{Trainer, TrainerError};
