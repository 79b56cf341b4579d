//! Gradients.

use pulp::{Simd, WithSimd};

use super::By;
use crate::engine::native::panels::{Line, Panels, PanelsMut, WIDTH, panels};
use crate::engine::native::sums::{sum_rows, sum_units};

/// The backward pass through a norm. With g the gradient at the normed values, and the means of g and of
/// g · normed over what was normed together, the one at the sums is
/// (g - mean(g) - normed · mean(g · normed)) · scale; by running statistics g · scale.
#[derive(Debug)]
pub(super) struct Backward<'a> {
    /// Rows to compute.
    pub rows: usize,
    /// Number of units.
    pub width: usize,
    /// By what the values were normed.
    pub by: By,
    /// Gradients at the values after weight and bias, then at the sums, `[rows, units]`.
    pub gradients: PanelsMut<'a>,
    /// The normed values, `[rows, units]`.
    pub normed: Panels<'a>,
    /// One over the standard deviation, of units or of rows.
    pub scale: &'a [Line],
    /// `[units]`.
    pub weight: &'a [Line],
    /// To be written, `[units]`.
    pub weight_gradient: &'a mut [Line],
    /// To be written, `[units]`.
    pub bias_gradient: &'a mut [Line],
    /// Whether to add to these.
    pub accumulate: bool,
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        (0..panels(self.width)).for_each(|panel| self.units_of(simd, panel));
        if self.by == By::Rows {
            (0..self.rows).step_by(WIDTH).for_each(|first| self.rows_from(simd, first));
        }
    }
}

impl Backward<'_> {
    /// Gradients of weight and bias of a panel of units, and of what was normed by unit.
    #[inline(always)]
    fn units_of<S: Simd>(&mut self, simd: S, panel: usize) {
        let rows = self.rows;
        let gradients = &mut self.gradients.panel(panel)[..rows];
        let normed = &self.normed.panel(panel)[..rows];
        for lane in 0..WIDTH / S::F32_LANES {
            let sum = sum_rows(simd, rows, |row| gradients[row].lanes::<S>()[lane]);
            let dot = sum_rows(simd, rows, |row| {
                simd.mul_f32s(gradients[row].lanes::<S>()[lane], normed[row].lanes::<S>()[lane])
            });
            let bias = &mut self.bias_gradient[panel].lanes_mut::<S>()[lane];
            let weight = &mut self.weight_gradient[panel].lanes_mut::<S>()[lane];
            *bias = if self.accumulate { simd.add_f32s(*bias, sum) } else { sum };
            *weight = if self.accumulate { simd.add_f32s(*weight, dot) } else { dot };
            if self.by == By::Rows {
                continue;
            }
            // Weights are the same for all rows: means of g are those of the gradient.
            let weight = self.weight[panel].lanes::<S>()[lane];
            let factor = simd.mul_f32s(weight, self.scale[panel].lanes::<S>()[lane]);
            let share = simd.splat_f32s(if self.by == By::Units { 1.0 / rows as f32 } else { 0.0 });
            let (mean, slope) = (simd.mul_f32s(sum, share), simd.mul_f32s(dot, share));
            for (gradient, normed) in gradients.iter_mut().zip(normed) {
                let gradient = &mut gradient.lanes_mut::<S>()[lane];
                let along = simd.mul_add_f32s(normed.lanes::<S>()[lane], slope, mean);
                *gradient = simd.mul_f32s(simd.sub_f32s(*gradient, along), factor);
            }
        }
    }

    /// Gradients at sixteen rows that were normed each by itself.
    #[inline(always)]
    fn rows_from<S: Simd>(&mut self, simd: S, first: usize) {
        let Self { width, weight, normed, .. } = *self;
        let height = self.gradients.rows;
        let gradients = &mut *self.gradients.lines;
        let at = |panel: usize, row: usize| panel * height + first + row;
        let even = |panel: usize, row: usize| normed.panel(panel)[first + row].lanes::<S>();
        let share = simd.splat_f32s(1.0 / width as f32);
        let mut mean = sum_units(simd, width, |panel, row, lane| {
            let gradient = gradients[at(panel, row)].lanes::<S>()[lane];
            simd.mul_f32s(gradient, weight[panel].lanes::<S>()[lane])
        });
        let mut slope = sum_units(simd, width, |panel, row, lane| {
            let gradient = gradients[at(panel, row)].lanes::<S>()[lane];
            let gradient = simd.mul_f32s(gradient, weight[panel].lanes::<S>()[lane]);
            simd.mul_f32s(gradient, even(panel, row)[lane])
        });
        for sum in mean.lanes_mut::<S>().iter_mut().chain(slope.lanes_mut::<S>()) {
            *sum = simd.mul_f32s(*sum, share);
        }
        let scale = self.scale[first / WIDTH];
        for panel in 0..panels(width) {
            let weight = weight[panel].lanes::<S>();
            for row in 0..WIDTH {
                let [mean, slope, scale] =
                    [&mean, &slope, &scale].map(|of_rows| simd.splat_f32s(of_rows.0[row]));
                let gradients = gradients[at(panel, row)].lanes_mut::<S>().iter_mut();
                let values = gradients.zip(even(panel, row)).zip(weight);
                for ((gradient, &normed), &weight) in values {
                    let along = simd.mul_add_f32s(normed, slope, mean);
                    let apart = simd.sub_f32s(simd.mul_f32s(*gradient, weight), along);
                    *gradient = simd.mul_f32s(apart, scale);
                }
            }
        }
    }
}
