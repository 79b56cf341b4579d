//! What each row of a batch weighs in the gradient of the loss that a step minimises.

use super::panels::Line;
use crate::engine::Member;

/// Factors of the gradient at the logits, by class. In a row of class `y`, at class `c`, it is
/// `softmax[y] · p[c]`, less `own[y]` where `c` is `y`, less `spread[c]`.
#[derive(Debug, Clone)]
pub(super) struct RowWeights {
    /// What a row of the class is of the mean loss, `[classes]`.
    softmax: Vec<f32>,
    /// What its target is at its own class, `[classes]`; empty where that is the same.
    own: Vec<f32>,
    /// What its target is at every class, `[classes]`; empty where labels are not smoothed.
    spread: Vec<f32>,
    /// Focal loss's gamma; 0 for the cross-entropy itself.
    focal_gamma: f32,
}

/// The factors of sixteen rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineWeights {
    /// What to multiply the softmax by.
    pub softmax: Line,
    /// What to take off at the label.
    pub own: Line,
}

impl RowWeights {
    /// Of so many classes, to be set by [`RowWeights::set`].
    pub fn new(classes: usize) -> Self {
        Self { softmax: vec![0.0; classes], own: Vec::new(), spread: Vec::new(), focal_gamma: 0.0 }
    }

    /// Takes in a batch: a row's share is one row of them, or its class's weight of the weights of
    /// all. In 64 bits, so that equal weights give the same bits as none.
    pub fn set(&mut self, member: &Member, labels: &[u32], batch: &[u32]) {
        self.focal_gamma = member.regularisers.focal_gamma as f32;
        self.own.clear();
        self.spread.clear();
        let smoothing = member.regularisers.label_smoothing;
        if member.class_weights.is_none() && smoothing == 0.0 {
            return self.softmax.fill(1.0 / batch.len() as f32);
        }
        let classes = self.softmax.len();
        let weights = member.class_weights.as_deref();
        let weight = |class: usize| weights.map_or(1.0, |weights| f64::from(weights[class]));
        let total: f64 = batch.iter().map(|&row| weight(labels[row as usize] as usize)).sum();
        let hit = |class: usize| (1.0 - smoothing) * weight(class) / total;
        let spread = |class: usize| smoothing * weight(class) / (classes as f64 * total);
        let mut of_all = 0.0;
        if smoothing > 0.0 {
            of_all = (0..classes).map(spread).sum();
            self.own.extend((0..classes).map(|class| hit(class) as f32));
            self.spread.extend((0..classes).map(|class| spread(class) as f32));
        }
        for (class, share) in self.softmax.iter_mut().enumerate() {
            *share = (hit(class) + of_all) as f32;
        }
    }

    /// What to take off at every class, `[classes]`; empty where labels are not smoothed.
    #[inline(always)]
    pub fn spread(&self) -> &[f32] {
        &self.spread
    }

    /// Focal loss's gamma; 0 for the cross-entropy itself.
    #[inline(always)]
    pub fn focal_gamma(&self) -> f32 {
        self.focal_gamma
    }

    /// The factors of up to sixteen rows.
    #[inline(always)]
    pub fn of_rows(&self, labels: &[u32]) -> LineWeights {
        let softmax = of_rows(&self.softmax, labels);
        let own = if self.own.is_empty() { softmax } else { of_rows(&self.own, labels) };
        LineWeights { softmax, own }
    }
}

/// The values of the classes of up to sixteen rows.
#[inline(always)]
fn of_rows(values: &[f32], labels: &[u32]) -> Line {
    let mut line = Line::default();
    for (slot, &label) in line.0.iter_mut().zip(labels) {
        *slot = values[label as usize];
    }
    line
}
