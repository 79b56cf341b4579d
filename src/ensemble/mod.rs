//! What is made of the probabilities of one model or several on rows that they were not trained on:
//! which of them to average, how to combine them by a regression, how sure to be, and which class to
//! predict.

mod decision;
mod greedy;
mod stacking;
mod temperature;
mod thresholds;

pub use decision::Decision;
pub use greedy::{Candidate, mean, select};
pub use stacking::{Stacked, StackedRows, Stacker};
pub use temperature::{is_temperature, temperature, tempered};
pub use thresholds::thresholds;
