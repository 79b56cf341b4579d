//! How well a classifier did on a split, in scikit-learn's definitions, on plain slices.
//!
//! | file           | what it holds                                                          |
//! |----------------|------------------------------------------------------------------------|
//! | `scored.rs`    | [`Scored`]: true labels beside class probabilities, checked; [`argmax`] |
//! | `confusion.rs` | [`Confusion`]: how often each class was predicted for each true class  |
//! | `scores.rs`    | everything read off a [`Confusion`]: accuracy, F1, MCC, averages       |
//! | `log_loss.rs`  | [`log_loss`]: mean cross-entropy in nats                               |
//! | `log_softmax.rs` | [`log_softmax`]: logarithms of probabilities, from logits            |
//! | `ranking.rs`   | [`OneVsRest`]: ROC AUC and PR AUC of one class against the others      |
//! | `curve.rs`     | [`CurvePoint`]: a point of a curve of one class; [`thin`]: fewer of them |
//! | `roc_curve.rs` | [`OneVsRest::roc_curve`]                                               |
//! | `precision_recall_curve.rs` | [`OneVsRest::precision_recall_curve`]                     |
//! | `cumulative_gain.rs` | [`OneVsRest::cumulative_gain`]; [`gain_at`] a share of the rows  |
//! | `class_curves.rs` | [`ClassCurves`]: those three of a class, as files hold them   |
//! | `reliability.rs` | [`Reliability`]: confidence beside accuracy, calibration error       |
//! | `split.rs`     | [`SplitMetrics`]: all of the above as one record for a report          |
//! | `part_metrics.rs` | [`PartMetrics`]: that record with the loss and intervals: the entries of metrics.json |
//! | `score.rs`     | [`Score`]: any one of them, to rank by                                 |
//! | `report_text.rs` | [`classification_report`]: that record as scikit-learn prints it      |
//! | `bootstrap.rs` | [`Intervals`]: confidence intervals of what a [`Confusion`] gives       |
//! | `paired.rs`    | [`Difference`]: of two configurations, over the same seeds and folds   |
//! | `error.rs`     | [`MetricsError`]: why the input can be refused                         |
//!
//! Two roads lead in. A training loop counts its hard predictions into a [`Confusion`] each epoch
//! and asks for [`Confusion::macro_f1`] or a sibling. The end of a run puts its probabilities into
//! a [`Scored`] and takes the whole [`SplitMetrics`].
//!
//! # Where scikit-learn differs
//!
//! - A ratio with a zero denominator is 0, silently (`zero_division=0`).
//! - ROC AUC of a class with no positive or no negative row is `None`; scikit-learn gives NaN and
//!   a warning. NaN has no place in JSON, and `None` cannot leak into a mean.
//! - Average precision of a class with no positive row is `None`; scikit-learn gives 0.0 and a
//!   warning, which would pull the macro mean down for a class nobody could have found.
//! - Both AUC means run over the classes that have a value, so a split that lacks a class still
//!   gets a mean. scikit-learn's own multi-class call refuses such a split or returns NaN.
//! - A two-class problem is treated like any other: both classes are scored against the rest and
//!   averaged. scikit-learn scores the second class alone. ROC AUC agrees when the two columns
//!   mirror each other; PR AUC does not, because it depends on which class is the positive one.
//! - A row of probabilities that does not sum to 1 is an error, where scikit-learn warns.

mod bootstrap;
mod class_curves;
mod confusion;
mod cumulative_gain;
mod curve;
mod error;
mod log_loss;
mod log_softmax;
mod paired;
mod part_metrics;
mod precision_recall_curve;
mod ranking;
mod reliability;
mod report_text;
mod roc_curve;
mod score;
mod scored;
mod scores;
mod split;

pub use bootstrap::{Interval, Intervals, RateIntervals};
pub use class_curves::{ClassCurves, MOST_POINTS};
pub use confusion::{Confusion, MAX_CLASSES};
pub use cumulative_gain::gain_at;
pub use curve::{CurvePoint, thin};
pub use error::MetricsError;
pub use log_loss::log_loss;
pub use log_softmax::log_softmax;
pub use paired::{ByTraining, Difference, pair};
pub use part_metrics::PartMetrics;
pub use ranking::{OneVsRest, mean_over_defined};
pub use reliability::{Bin, Reliability};
pub use report_text::classification_report;
pub use score::{Area, Judged, ProbabilityScores, Rate, Score};
pub use scored::{Scored, argmax, decide};
pub use scores::{Averages, ClassScores};
pub use split::{ClassMetrics, SplitMetrics};
