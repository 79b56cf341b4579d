//! From a grid to ranked trials: trials, jobs of packs, the parallel run, the ranking.

mod again;
mod job_run;
mod jobs;
mod memory;
mod run;
mod trials;
mod trim;
mod workers;

pub use again::{AgainError, Trained, refit, train_again};
pub use jobs::{Job, first, fit, plan, remaining};
pub use memory::MemoryLimit;
pub use run::{CurveRow, Observer, Outcome, Settings, Status, TrialResult, Winner, by_part, run};
pub use trials::{Columns, Trial, Varied, trial, trials};
