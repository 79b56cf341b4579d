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
//! A grid file is read and checked ([`spec`]); a table is loaded or made ([`data`], [`synth`]);
//! step by step its columns become features, rows are split, and what needs figures takes them from
//! the train rows ([`prepare`]);
//! the prepared rows ([`examples`]) are all that training sees. The grid becomes trials, the trials
//! become jobs ([`sweep`]), a job is trained round by round ([`train`]) by a learner of its family
//! ([`families`]), and judged by [`metrics`]. Networks are trained by an [`engine`] (its own
//! on the CPU, libtorch on CUDA), forests by [`trees`], boosting by [`boosting`], which loads LightGBM, and
//! [`xgboost`], which loads XGBoost, the others by
//! [`neighbours`] and [`logistic`] (with exponentials of our own, [`elementary`]). Once all have ended, final
//! models are made of the best ([`finals`]): a refit, the mean of fold models, an ensemble, a stacked model, with
//! calibration and thresholds, all of it chosen by [`ensemble`] on validation rows. What comes out is written while it comes ([`record`]), the best model
//! in files that its own kind of tool opens ([`model`]), with what it goes by ([`importance`]), and drawn
//! ([`report`], as a [`page`]), which also sets runs side by side.
//! How important a feature is to a model is asked of its probabilities alone ([`importance`]); what a saved
//! model predicts of a table, [`predict`] says for every command.
//! [`explore`] looks at a table before any of that.
//! [`commands`] wires the rooms, one verb a file, and alone prints; [`cli`] is what the shell sees.
//!
//! # Invariants
//!
//! - `tch` is named only in `engine::torch`; `pulp` only in `engine::native`, `neighbours` and `logistic`; `polars` only in `data`, `prepare` and `explore`; printing only in `commands`. A test
//!   reads the `use` lines and holds them to that, and to the order of the rooms below.
//! - Nothing is fitted on validation or test rows: steps are fitted on [`prepare::TrainRows`], which
//!   only a split can make. What else a feature sees is its own row and earlier ones of its group.
//! - libtorch's global random generator is never drawn from. Every network has its own streams
//!   ([`random`]), so its numbers depend on the grid, the data and the seeds alone.
//! - How trials are cut into packs depends on the grid, the engine and the memory that the user allows
//!   or the machine has, never on the number of threads or on what happens to be free, and the log of
//!   curves ends in the order of the trials. So the same grid, data and seed give the same bytes.
//! - Trials that differ in nothing but their number of rounds are one training, looked at after so
//!   many: no random number depends on how long a model will be trained. Where learning rates do,
//!   they are trainings of their own.
//! - What is common to all families knows none by its name: the list of them is [`spec::Family`], and
//!   what each has of its own is in [`families`].
//! - The step loop reads nothing back from the device.
//! - What is made of the trials, and chosen of them, is chosen on validation rows, by networks that were not
//!   trained on them.
//! - A trial that diverges or fails is a recorded row, not a lost sweep. A trial that has ended is a
//!   line of the journal, and is never trained again; every output of a run follows from its journal,
//!   so that it does not matter how often, or when, the run was stopped.
//! - A run's folder may be anybody's: [`untrusted`] says which of its files are opened, [`prepare`] takes
//!   an expression only where it is arithmetic of a bounded size, and what is printed holds no command
//!   of a terminal.
//!
//! # Words
//!
//! - *run*: a sweep and its folder, in one call of `forewarn sweep` or in several.
//! - *journal*: what a run goes on from: its first line, and a line of every trial that has ended.
//! - *trial*: one combination of hyperparameters, the repeat's `seed` among them.
//! - *fold*: one way of parting the rows into train and validation rows; a trial is trained once
//!   on each.
//! - *family*: a kind of model with its own axes: networks, forests, boosting, neighbours.
//! - *round*: a step of training after which a model can be looked at: an epoch, a tree, an iteration,
//!   a neighbour.
//! - *member*: one model in training: a trial on a fold.
//! - *variant*: another family, the grid with some axes changed, or other steps of preparation.
//! - *preparation*: one of the lists of steps of the variants; rows are prepared in each.
//! - *training*: what trials have in common that differ in nothing but their rounds and the variant's
//!   name; with a schedule that depends on the length, they have the length in common too.
//! - *pack*: networks of one shape, but for the inputs of their folds, trained together, on all folds.
//! - *job*: trainings that go side by side, a pack of networks or a single other one, and their trials; what
//!   a worker thread takes.
//! - *part*: train, valid or test rows.
//! - *final model*: what is made of the trials once all have ended: the winner, perhaps refitted on train and
//!   validation rows or *bagged* (the mean of its fold models), an *ensemble*, the mean of several models, and a
//!   *stacked* model, a regression on what the families' best predict.
//! - *score that ranks*: one that orders trials on validation rows; any of metrics.json.

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
