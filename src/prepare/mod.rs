//! From a table to rows that an engine takes: columns picked and derived, then a pipeline fitted on
//! train rows alone and applied to all.

mod audit;
pub mod balance;
mod error;
mod keys;
mod pipeline;
mod prepared;
mod recipe;
mod row_wise;
mod target;
mod vocabulary;

pub use audit::audit;
pub use error::PrepareError;
pub use keys::Keys;
pub use pipeline::{Fitted, FittedColumn, Pipeline, Transformed};
pub use prepared::{NotReady, Prepared, prepare};
pub use recipe::{Feature, Kind, Recipe};
pub use target::Target;
