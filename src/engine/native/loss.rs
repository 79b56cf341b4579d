//! Cross-entropy of logits: its sum, the predicted classes, and the gradient.

use pulp::{Simd, WithSimd};

use super::functions::{exp, ln};
use super::panels::{Line, PanelsMut, WIDTH};

/// Scores rows of logits against their labels.
#[derive(Debug)]
pub(super) struct CrossEntropy<'a> {
    /// Number of classes.
    pub classes: usize,
    /// `[rows, classes]`; the gradient is written over them where it is wanted.
    pub logits: PanelsMut<'a>,
    /// `[rows]`.
    pub labels: &'a [u32],
    /// Written: the class of the largest logit, `[rows]`.
    pub predicted: &'a mut [u32],
    /// What to multiply the gradient of the sum by; nothing when no gradient is wanted.
    pub scale: Option<f32>,
    /// One line a class.
    pub scratch: &'a mut [Line],
}

impl WithSimd for CrossEntropy<'_> {
    /// Sum over the rows, added up in 64 bits row by row: float sums of a million rows drift.
    type Output = f64;

    /// Sixteen rows at a time, turned so that a vector holds one class of many rows.
    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) -> f64 {
        let mut total = 0.0;
        for first in (0..self.labels.len()).step_by(WIDTH) {
            let rows = (self.labels.len() - first).min(WIDTH);
            self.load(first, rows);
            let (losses, predicted) = self.score(simd, first, rows);
            for row in 0..rows {
                total += f64::from(losses.0[row]);
                self.predicted[first + row] = predicted.0[row] as u32;
            }
            if let Some(scale) = self.scale {
                self.store(first, rows, scale);
            }
        }
        total
    }
}

impl CrossEntropy<'_> {
    /// Turns the logits of some rows into one line a class.
    #[inline(always)]
    fn load(&mut self, first: usize, rows: usize) {
        for class in 0..self.classes {
            let logits = &self.logits.panel(class / WIDTH)[first..first + rows];
            for (slot, logits) in self.scratch[class].0.iter_mut().zip(logits) {
                *slot = logits.0[class % WIDTH];
            }
        }
    }

    /// Losses and predicted classes of the rows in `scratch`, which then holds their softmax.
    #[inline(always)]
    fn score<S: Simd>(&mut self, simd: S, first: usize, rows: usize) -> (Line, Line) {
        let mut picked = Line::default();
        for (row, &label) in self.labels[first..first + rows].iter().enumerate() {
            picked.0[row] = self.scratch[label as usize].0[row];
        }
        let scratch = &mut self.scratch[..self.classes];
        let (mut losses, mut predicted) = (Line::default(), Line::default());
        for lane in 0..WIDTH / S::F32_LANES {
            let mut largest = scratch[0].lanes::<S>()[lane];
            let mut place = simd.splat_f32s(0.0);
            for (class, logits) in scratch.iter().enumerate().skip(1) {
                let logits = logits.lanes::<S>()[lane];
                let larger = simd.greater_than_f32s(logits, largest);
                largest = simd.select_f32s(larger, logits, largest);
                place = simd.select_f32s(larger, simd.splat_f32s(class as f32), place);
            }
            let mut sum = simd.splat_f32s(0.0);
            for logits in scratch.iter_mut() {
                let value = &mut logits.lanes_mut::<S>()[lane];
                *value = exp(simd, simd.sub_f32s(*value, largest));
                sum = simd.add_f32s(sum, *value);
            }
            let share = simd.div_f32s(simd.splat_f32s(1.0), sum);
            for powers in scratch.iter_mut() {
                let value = &mut powers.lanes_mut::<S>()[lane];
                *value = simd.mul_f32s(*value, share);
            }
            let below = simd.sub_f32s(largest, picked.lanes::<S>()[lane]);
            losses.lanes_mut::<S>()[lane] = simd.add_f32s(ln(simd, sum), below);
            predicted.lanes_mut::<S>()[lane] = place;
        }
        (losses, predicted)
    }

    /// Writes (softmax - one-hot) · scale over the logits of some rows.
    #[inline(always)]
    fn store(&mut self, first: usize, rows: usize, scale: f32) {
        for (row, &label) in self.labels[first..first + rows].iter().enumerate() {
            self.scratch[label as usize].0[row] -= 1.0;
        }
        for class in 0..self.classes {
            let gradients = &mut self.logits.panel(class / WIDTH)[first..first + rows];
            for (gradients, value) in gradients.iter_mut().zip(&self.scratch[class].0) {
                gradients.0[class % WIDTH] = value * scale;
            }
        }
    }
}
