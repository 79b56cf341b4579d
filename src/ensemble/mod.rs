//! What is made of the probabilities of one network or several on rows that they were not trained on:
//! which of them to average, how sure to be, and which class to tell.

mod decision;
mod greedy;
mod temperature;
mod thresholds;

pub use decision::Decision;
pub use greedy::{Candidate, mean, select};
pub use temperature::temperature;
pub use thresholds::thresholds;
