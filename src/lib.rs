//! forewarn: hyperparameter sweeps of models for predictive maintenance.
//!
//! # The flow
//!
//! ```text
//! grid.json ─► spec ─► data ─► prepare ─► examples ─► sweep ─► train ─► families ─► engine, trees,
//!                        ▲                              │                  │        boosting, …
//!                      synth                            ▼                  ▼
//!                                             record ◄─ model ◄─ metrics ◄─┘
//!                                                └────► report
//! ```
//!
//! A grid file is read and checked ([`spec`]). A table is loaded or made ([`data`], [`synth`]). Its
//! columns become features, its rows are split, and the steps that learn something are fitted on the train
//! rows ([`prepare`]). Training sees the prepared rows alone ([`examples`]).
//!
//! The grid becomes trials, and the trials become jobs ([`sweep`]). A job is trained round by round
//! ([`train`]) by a learner of its family ([`families`]), and scored by [`metrics`]. Networks are trained by
//! an [`engine`]: forewarn's own on the CPU, libtorch on CUDA. Forests are trained by [`trees`]; gradient
//! boosting by [`boosting`], which loads LightGBM, and [`xgboost`], which loads XGBoost; the other families
//! by [`neighbours`] and [`logistic`], with the exponentials of [`elementary`].
//!
//! Once all trials have ended, the best become final models ([`finals`]): a refit, the mean of fold models,
//! an ensemble, a stacked model, with calibration and thresholds. [`ensemble`] chooses all of these on
//! validation rows. Results are written as they come ([`record`]). The best model is saved in files that
//! the usual library of its kind opens ([`model`]), with its permutation importance ([`importance`]), and
//! drawn in the report ([`report`], a [`page`]), which also compares runs. Importance is computed from a
//! model's probabilities alone; [`predict`] gives those of a saved model to every command.
//!
//! [`explore`] describes a table before any of that. [`commands`] connects the rooms, one command a file,
//! and is the only room that prints; [`cli`] is the command line. [`plural`] writes counts.
//!
//! # Invariants
//!
//! - `tch` is named only in `engine::torch`; `pulp` only in `engine::native`, `neighbours` and `logistic`;
//!   `polars` only in `data`, `prepare` and `explore`; only `commands` prints. A test reads the `use` lines
//!   and checks this, and the order of the rooms below.
//! - Nothing is fitted on validation or test rows: steps are fitted on [`prepare::TrainRows`], which
//!   only a split can make. Otherwise a feature depends on its own row and earlier rows of its group.
//! - libtorch's global random generator is never used. Every network has its own streams ([`random`]), so
//!   its numbers depend only on the grid, the data and the seeds.
//! - How trials are cut into packs depends on the grid, the engine and the memory that the user allows
//!   or the machine has, never on the number of threads or on the memory that happens to be free. The log
//!   of curves ends in the order of the trials. So the same grid, data and seed give the same bytes.
//! - Trials that differ only in their number of rounds are one training, evaluated after each of these
//!   numbers: no random number depends on how long a model will be trained. Where learning rates depend on
//!   it, they are separate trainings.
//! - Code that all families share names none of them: the list is [`spec::Family`], and what is specific to
//!   one is in [`families`].
//! - The step loop reads nothing back from the device.
//! - Final models are chosen on validation rows, by the predictions of models that were not trained on them.
//! - A trial that diverges or fails is a recorded row, not a lost sweep. A trial that has ended is a
//!   line of the journal, and is never trained again. Every output of a run follows from its journal,
//!   so it does not matter how often, or when, the run was stopped.
//! - A run's folder may come from anybody: [`untrusted`] decides which of its files are opened, [`prepare`]
//!   accepts an expression only if it is arithmetic of a bounded size, and nothing that is printed holds a
//!   terminal's control characters.
//!
//! # Words
//!
//! - *run*: a sweep and its folder, in one call of `forewarn sweep` or in several.
//! - *session*: one call of `forewarn sweep`, which begins a run or resumes it.
//! - *journal*: what a run is resumed from: a header, and a line for every trial that has ended.
//! - *trial*: one combination of hyperparameters, including the seed.
//! - *fold*: one split of the rows into train and validation rows; a trial is trained once on each.
//! - *family*: a kind of model with its own axes: networks, forests, boosting, neighbours.
//! - *round*: a step of training after which a model can be evaluated: an epoch, a tree, an iteration,
//!   a neighbour.
//! - *member*: one model in training: a trial on a fold.
//! - *variant*: another family, the grid with some axes changed, or other steps of preparation.
//! - *preparation*: one of the variants' lists of steps; rows are prepared by each.
//! - *training*: trials that differ only in their rounds and the variant's name; with a schedule that
//!   depends on the length, trials of the same length.
//! - *pack*: networks of one shape, apart from the inputs of their folds, trained together, on all folds.
//! - *job*: trainings that run side by side, a pack of networks or a single other one, with their trials;
//!   a worker thread takes one job at a time.
//! - *part*: train, valid or test rows.
//! - *auxiliary table*: another table that the steps look into, such as errors or maintenance.
//! - *candidate*: a trial that final models may be made of: what it predicts of validation rows is known.
//! - *final model*: a model made of the trials once all have ended: the winner, perhaps refitted on train and
//!   validation rows or *bagged* (the mean of its fold models); an *ensemble*, the mean of several models; and
//!   a *stacked* model, a regression on what the best model of each family predicts.
//! - *ranking score*: the score on validation rows that orders trials; any of metrics.json.

pub mod random;

pub mod plural;

pub mod page;

pub mod network;

pub mod synth;

pub mod spec;

pub mod examples;

pub mod data;

pub mod prepare;

pub mod metrics;

pub mod explore;

pub mod engine;

pub mod elementary;

pub mod trees;

pub mod shared_library;

pub mod boosting;

pub mod xgboost;

pub mod neighbours;

pub mod logistic;

pub mod families;

pub mod train;

pub mod ensemble;

pub mod importance;

pub mod sweep;

pub mod untrusted;

pub mod record;

pub mod model;

pub mod predict;

pub mod finals;

pub mod report;

pub mod cli;

pub mod commands;
