//! From a grid to ranked trials: trials, jobs of packs, the parallel run, the ranking.

mod configurations;
mod job_run;
mod jobs;
mod memory;
mod out_of_fold;
mod pace;
mod retrain;
mod run;
mod standings;
mod trials;
mod trim;
mod workers;

pub use configurations::{Configuration, best_of_families, configurations};
pub use jobs::{Job, first, fit, plan, remaining};
pub use memory::MemoryLimit;
pub use out_of_fold::{Candidates, OutOfFold};
pub use pace::{PACE_ROWS, predict_seconds};
pub use retrain::{RetrainError, Trained, refit, retrain};
pub use run::{CurveRow, Observer, Outcome, Settings, Status, TrialResult, Winner, by_part, run};
pub use standings::{Apart, Standing, standings};
pub use trials::{Columns, Trial, Varied, trial, trials};
