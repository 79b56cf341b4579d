//! From a table to rows that an engine takes: columns picked and derived, then a pipeline fitted on
//! train rows alone and applied to all.

mod audit;
pub mod balance;
mod error;
mod keys;
mod leak;
mod pipeline;
mod prepared;
mod recipe;
mod row_wise;
mod target;
mod vocabulary;

pub use audit::{audit, counts_rows};
pub use error::PrepareError;
pub use keys::Keys;
pub use leak::{FEW_VALUES, Leak, Telling, tell};
pub use pipeline::{Fitted, FittedColumn, Pipeline, Transformed};
pub use prepared::{NotReady, Prepared, prepare};
pub use recipe::{Feature, Kind, Recipe};
pub use target::{MOST_CLASSES, Target};
