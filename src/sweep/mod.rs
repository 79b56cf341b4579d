//! From a grid to ranked trials: trials, jobs of packs, the parallel run, the ranking.

mod jobs;
mod run;
mod trials;

pub use jobs::{Job, plan};
pub use run::{CurveRow, Observer, Outcome, Settings, Status, TrialResult, Winner, run};
pub use trials::{AXES, Trial, trials, varied};
