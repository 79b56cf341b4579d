//! Cross-entropy of logits: its sum, the predicted classes, and the gradient.

use pulp::{Simd, WithSimd};

use super::functions::{exp, ln, select};
use super::panels::{Line, PanelsMut, WIDTH, panels};
use super::row_weights::{LineWeights, RowWeights};
use super::sums::transpose_block;

/// 2²³: a small integer added to it stands in the low bits of the sum.
const INTEGER: f32 = 8_388_608.0;

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
    /// What the gradient is made of; `None` if none is wanted.
    pub shares: Option<&'a RowWeights>,
    /// A line a class, as many as fill whole panels.
    pub scratch: &'a mut [Line],
}

impl WithSimd for CrossEntropy<'_> {
    /// Sum over the rows, in 64 bits: float sums of a million rows drift.
    type Output = f64;

    /// Sixteen rows at a time, turned so that a vector holds one class of many rows.
    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) -> f64 {
        let mut total = 0.0;
        let labels = self.labels;
        for (block, labels) in labels.chunks(WIDTH).enumerate() {
            let first = block * WIDTH;
            self.turn(first, false);
            let mut shares = self.shares.map(|shares| shares.of_rows(labels));
            let (losses, predicted) = self.score(simd, labels, shares.as_mut());
            let mut sums = [0.0; 4];
            for (row, &loss) in losses.0[..labels.len()].iter().enumerate() {
                sums[row % 4] += f64::from(loss);
            }
            total += (sums[0] + sums[1]) + (sums[2] + sums[3]);
            for (slot, value) in self.predicted[first..].iter_mut().zip(predicted.0) {
                *slot = value.to_bits() - INTEGER.to_bits();
            }
            if let Some(shares) = shares {
                self.turn(first, true);
                for (row, &label) in labels.iter().enumerate() {
                    let (panel, class) = (label as usize / WIDTH, label as usize % WIDTH);
                    self.logits.lines[panel * self.logits.rows + first + row].0[class] -=
                        shares.own.0[row];
                }
            }
        }
        total
    }
}

impl CrossEntropy<'_> {
    /// Turns the logits of sixteen rows into a line a class, or such lines back. Memory holds
    /// sixteen rows where there are fewer; nobody looks at the others.
    #[inline(always)]
    fn turn(&mut self, first: usize, back: bool) {
        let blocks = self.scratch.as_chunks_mut::<WIDTH>().0;
        for (panel, block) in blocks.iter_mut().enumerate().take(panels(self.classes)) {
            let rows = &mut self.logits.panel(panel)[first..];
            let Some(rows) = rows.first_chunk_mut::<WIDTH>() else { continue };
            if back { transpose_block(block, rows) } else { transpose_block(rows, block) }
        }
    }

    /// Losses and predicted classes, added to [`INTEGER`], of the rows in `scratch`, which then
    /// holds their softmax, each row's multiplied by its share, less what is taken off at all classes.
    #[inline(always)]
    fn score<S: Simd>(
        &mut self,
        simd: S,
        labels: &[u32],
        mut shares: Option<&mut LineWeights>,
    ) -> (Line, Line) {
        let gamma = self.shares.map_or(0.0, RowWeights::focal_gamma);
        let spread = self.shares.map_or([].as_slice(), RowWeights::spread);
        let mut picked = Line::default();
        for (row, (slot, &label)) in picked.0.iter_mut().zip(labels).enumerate() {
            *slot = self.scratch[label as usize].0[row];
        }
        let scratch = &mut self.scratch[..self.classes];
        let (mut losses, mut predicted) = (Line::default(), Line::default());
        for lane in 0..WIDTH / S::F32_LANES {
            let mut largest = scratch[0].lanes::<S>()[lane];
            let mut place = simd.splat_f32s(INTEGER);
            for class in 1..scratch.len() {
                let logits = scratch[class].lanes::<S>()[lane];
                let larger = simd.greater_than_f32s(logits, largest);
                largest = select(simd, larger, logits, largest);
                place = select(simd, larger, simd.splat_f32s(INTEGER + class as f32), place);
            }
            let mut sum = simd.splat_f32s(0.0);
            for logits in scratch.iter_mut() {
                let value = &mut logits.lanes_mut::<S>()[lane];
                *value = exp(simd, simd.sub_f32s(*value, largest));
                sum = simd.add_f32s(sum, *value);
            }
            let below = simd.sub_f32s(largest, picked.lanes::<S>()[lane]);
            let loss = simd.add_f32s(ln(simd, sum), below);
            losses.lanes_mut::<S>()[lane] = loss;
            predicted.lanes_mut::<S>()[lane] = place;
            let Some(shares) = shares.as_deref_mut() else { continue };
            if gamma > 0.0 {
                let power = exp(simd, simd.sub_f32s(picked.lanes::<S>()[lane], largest));
                let factor = focal(simd, gamma, (power, sum), loss);
                for factors in [&mut shares.softmax, &mut shares.own] {
                    let share = &mut factors.lanes_mut::<S>()[lane];
                    *share = simd.mul_f32s(*share, factor);
                }
            }
            let share = simd.div_f32s(shares.softmax.lanes::<S>()[lane], sum);
            for powers in scratch.iter_mut() {
                let value = &mut powers.lanes_mut::<S>()[lane];
                *value = simd.mul_f32s(*value, share);
            }
            for (powers, &spread) in scratch.iter_mut().zip(spread) {
                let value = &mut powers.lanes_mut::<S>()[lane];
                *value = simd.sub_f32s(*value, simd.splat_f32s(spread));
            }
        }
        (losses, predicted)
    }
}

/// What focal loss makes of the gradient of a row's cross-entropy `loss`: it is multiplied by
/// qᵞ (1 + γ p / q · loss), where p = power / sum is the probability of the row's class and
/// q = 1 - p.
#[inline(always)]
fn focal<S: Simd>(simd: S, gamma: f32, (power, sum): (S::f32s, S::f32s), loss: S::f32s) -> S::f32s {
    let (gamma, one) = (simd.splat_f32s(gamma), simd.splat_f32s(1.0));
    let least = simd.splat_f32s(f32::MIN_POSITIVE);
    let p = simd.div_f32s(power, sum);
    let q = simd.div_f32s(simd.sub_f32s(sum, power), sum);
    // Where nothing is left of q, the loss is 0 too: then the second term is.
    let q = select(simd, simd.less_than_f32s(q, least), least, q);
    let second = simd.mul_f32s(simd.mul_f32s(gamma, p), simd.div_f32s(loss, q));
    simd.mul_f32s(exp(simd, simd.mul_f32s(gamma, ln(simd, q))), simd.add_f32s(one, second))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)] // exact values are meant

    use pulp::Arch;

    use super::*;
    use crate::engine::native::panels::Buffer;
    use crate::engine::{Member, Regularisers};
    use crate::random::Streams;

    /// What rows of each class count, all different.
    fn weight(class: usize) -> f32 {
        0.5 / (1 + class) as f32
    }

    /// Loss, predictions and gradients of rows of logits.
    fn scored(
        rows: &[Vec<f32>],
        labels: &[u32],
        regularisers: Regularisers,
    ) -> (f64, Vec<u32>, Vec<Vec<f32>>) {
        let classes = rows[0].len();
        let member = Member {
            learning_rate: 0.1,
            weight_decay: 0.0,
            dropout: 0.0,
            class_weights: Some((0..classes).map(weight).collect()),
            regularisers,
            fold: 0,
            streams: Streams::new(0, 0, 0),
        };
        let mut shares = RowWeights::new(classes);
        shares.set(&member, labels, &(0..labels.len() as u32).collect::<Vec<_>>());
        let mut logits = Buffer::new(rows.len(), classes);
        for (row, values) in rows.iter().enumerate() {
            for (class, &value) in values.iter().enumerate() {
                logits.view_mut().panel(class / WIDTH)[row].0[class % WIDTH] = value;
            }
        }
        let mut predicted = vec![0; rows.len()];
        let loss = Arch::new().dispatch(CrossEntropy {
            classes,
            logits: logits.view_mut(),
            labels,
            predicted: &mut predicted,
            shares: Some(&shares),
            scratch: &mut vec![Line::default(); panels(classes) * WIDTH],
        });
        let gradient = |row: usize| {
            let value = |class: usize| logits.view().panel(class / WIDTH)[row].0[class % WIDTH];
            (0..classes).map(value).collect()
        };
        (loss, predicted, (0..rows.len()).map(gradient).collect())
    }

    #[test]
    fn loss_and_gradient_are_those_of_the_softmax() {
        let shapes = [(1, 2), (16, 6), (17, 16), (40, 17), (5, 40)];
        let hows = [(0.0, 0.0), (0.3, 0.0), (0.0, 0.5), (0.0, 2.0)];
        let cases = shapes.into_iter().flat_map(|shape| hows.map(|how| (shape, how)));
        for ((count, classes), (label_smoothing, focal_gamma)) in cases {
            let value = |at: usize| ((at * 7919 % 1013) as f32 / 100.0 - 5.0) * 1.3;
            let rows: Vec<Vec<f32>> = (0..count)
                .map(|row| (0..classes).map(|c| value(row * classes + c)).collect())
                .collect();
            let labels: Vec<u32> = (0..count).map(|row| (row * 5 % classes) as u32).collect();
            let regularisers =
                Regularisers { label_smoothing, focal_gamma, ..Regularisers::default() };
            let (loss, predicted, gradients) = scored(&rows, &labels, regularisers);
            let mut expected = 0.0;
            let weight = |class: usize| f64::from(weight(class));
            let total: f64 = labels.iter().map(|&label| weight(label as usize)).sum();
            for (row, (values, &label)) in rows.iter().zip(&labels).enumerate() {
                let powers: Vec<f64> = values.iter().map(|&value| f64::from(value).exp()).collect();
                let sum: f64 = powers.iter().sum();
                expected -= (powers[label as usize] / sum).ln();
                let largest = (0..classes).max_by(|&one, &two| values[one].total_cmp(&values[two]));
                assert_eq!(predicted[row] as usize, largest.unwrap_or_default());
                let target = |class: usize| {
                    let hit = f64::from(u8::from(class == label as usize));
                    let spread = label_smoothing * weight(class) / classes as f64;
                    (hit * (1.0 - label_smoothing) * weight(class) + spread) / total
                };
                let targets: f64 = (0..classes).map(target).sum();
                let p = powers[label as usize] / sum;
                let second = focal_gamma * p * (1.0 - p).powf(focal_gamma - 1.0) * -p.ln();
                let focal = (1.0 - p).powf(focal_gamma) + second;
                for (class, power) in powers.iter().enumerate() {
                    let exact = (power / sum * targets - target(class)) * focal;
                    assert!((f64::from(gradients[row][class]) - exact).abs() < 1e-6);
                }
            }
            assert!((loss - expected).abs() < 1e-5 * expected, "{loss}, not {expected}");
        }
    }

    #[test]
    fn a_row_predicted_with_certainty_has_a_focal_gradient_of_zero() {
        for focal_gamma in [0.01, 0.5, 1.0, 1e6] {
            let regularisers = Regularisers { focal_gamma, ..Regularisers::default() };
            let rows = vec![vec![200.0, 0.0, -200.0], vec![20.0, 0.0, 0.0]];
            let (_, _, gradients) = scored(&rows, &[0, 0], regularisers);
            assert!(gradients[0].iter().all(|&value| value == 0.0), "{gradients:?}");
            assert!(gradients[1].iter().all(|value| value.abs() < 1e-8), "{gradients:?}");
        }
    }

    #[test]
    fn a_logit_that_is_no_number_makes_the_loss_none_wherever_it_stands() {
        for class in 0..3 {
            let mut rows = vec![vec![1.0, 2.0, 0.5]; 3];
            rows[1][class] = f32::NAN;
            let (loss, predicted, _) = scored(&rows, &[0, 0, 0], Regularisers::default());
            assert!(loss.is_nan());
            assert!(predicted.iter().all(|&class| class < 3));
        }
        let infinite = vec![vec![1.0, f32::INFINITY, 0.5]];
        assert!(!scored(&infinite, &[0], Regularisers::default()).0.is_finite());
    }
}
