//! Decision forests for classification: random forests and extremely randomised trees, equal in
//! meaning to scikit-learn's.
//!
//! Every split is the one that an exhaustive search finds. Values are replaced by their ranks once,
//! for all trees; rows carry whole-number weights, so that sums do not depend on their order, and
//! class weights enter where a split is scored.
//!
//! A tree is a function of the rows, the settings, the streams and its number alone: the first 50
//! trees of a forest of 200 are the forest of 50, and threads change nothing.
//!
//! What differs from scikit-learn 1.9:
//! - Class weights multiply the weights of drawn rows, as before its version 1.9, which draws rows
//!   in proportion to them.
//! - Thresholds are 32-bit floats, rounded down. Cells are 32-bit floats too, so that every cell goes
//!   the way the 64-bit midpoint would send it.
//! - Shares of the classes in a leaf are 32-bit floats.
//! - Infinite cells are numbers like others.

mod arrays;
mod bytes;
mod columns;
mod draws;
mod error;
mod features;
mod forest;
mod grower;
mod growth;
mod impurity;
mod logarithm;
mod plain;
mod pruning;
mod ranked;
mod sample;
mod search;
mod settings;
mod split;
mod tree;

pub use arrays::ForestArrays;
pub use error::ForestError;
pub use forest::Forest;
pub use grower::{Grower, Rows};
pub use settings::{Criterion, MaxFeatures, Settings, Splitter};
pub use tree::Tree;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod written;
