//! The curves of one class as files hold them.

use super::{CurvePoint, OneVsRest, thin};

/// The most points of a curve: more than a screen can show.
pub const MOST_POINTS: usize = 200;

/// The curves of one class against the rest, each of [`MOST_POINTS`] at most; empty for a class without rows,
/// or with all of them.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassCurves {
    /// See [`OneVsRest::roc_curve`].
    pub roc: Vec<CurvePoint>,
    /// See [`OneVsRest::precision_recall_curve`].
    pub precision_recall: Vec<CurvePoint>,
    /// See [`OneVsRest::cumulative_gain`].
    pub cumulative_gain: Vec<CurvePoint>,
}

impl ClassCurves {
    /// Draws the curves of ranked rows, and thins each by [`thin`].
    pub fn of(ranked: &OneVsRest) -> Self {
        Self {
            roc: thin(&ranked.roc_curve(), MOST_POINTS),
            precision_recall: thin(&ranked.precision_recall_curve(), MOST_POINTS),
            cumulative_gain: thin(&ranked.cumulative_gain(), MOST_POINTS),
        }
    }
}
