//! From a table to rows that an engine takes: steps in the order of the grid file, of which those
//! that learn something are fitted on the train rows of a fold alone, and applied to all.

mod audit;
pub mod balance;
mod branch;
mod class_counts;
mod columns;
mod error;
mod expression;
mod feature;
mod fitting;
#[cfg(test)]
mod golden;
mod history;
mod leak;
mod parts;
mod pipeline;
mod prepared;
mod remarks;
mod row_wise;
mod rows;
mod sequence;
mod start;
mod statistics;
pub mod steps;
mod target;
mod train_rows;
mod trunk;
mod vocabulary;

pub use audit::{audit, counts_rows};
pub use columns::Kind;
pub use error::PrepareError;
pub use expression::{Expression, check_expressions};
pub use feature::Feature;
pub use leak::{Association, FEW_VALUES, Leak, assess};
pub use parts::{Groups, PartGroups, PartTimes};
pub use pipeline::{Pipeline, Read, Transformed};
pub use prepared::{NotReady, Prepared, prepare};
pub use rows::{Roles, Rows, Tables};
pub use steps::FittedStep;
pub use target::{MOST_CLASSES, Target};
pub use train_rows::TrainRows;
