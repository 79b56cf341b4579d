//! Values, their means and variances.

use pulp::{Simd, WithSimd};

use super::By;
use crate::engine::native::panels::{Line, PanelsMut, WIDTH, panels};
use crate::engine::native::sums::{sum_rows, sum_units};
use crate::network::NORM_EPS;

/// (values - mean) / √(variance + eps) · weight + bias.
#[derive(Debug)]
pub(super) struct Forward<'a> {
    /// Rows to compute.
    pub rows: usize,
    /// Number of units.
    pub width: usize,
    /// By what.
    pub by: By,
    /// `[rows, units]`, changed in place.
    pub values: PanelsMut<'a>,
    /// Where to write them before weight and bias.
    pub normed: PanelsMut<'a>,
    /// One over the standard deviation, of units or of rows: to be written.
    pub scale: &'a mut [Line],
    /// Of units: to be written, or given.
    pub mean: &'a mut [Line],
    /// Of units, unbiased: to be written, or given.
    pub var: &'a mut [Line],
    /// `[units]`.
    pub weight: &'a [Line],
    /// `[units]`.
    pub bias: &'a [Line],
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        if self.by == By::Rows {
            (0..self.rows).step_by(WIDTH).for_each(|first| self.rows_from(simd, first));
        } else {
            (0..panels(self.width)).for_each(|panel| self.units_of(simd, panel));
        }
    }
}

impl Forward<'_> {
    /// A panel of units by statistics over the rows.
    #[inline(always)]
    fn units_of<S: Simd>(&mut self, simd: S, panel: usize) {
        let rows = self.rows;
        let values = &mut self.values.panel(panel)[..rows];
        let normed = &mut self.normed.panel(panel)[..rows];
        for lane in 0..WIDTH / S::F32_LANES {
            let mean = &mut self.mean[panel].lanes_mut::<S>()[lane];
            let var = &mut self.var[panel].lanes_mut::<S>()[lane];
            let mut biased = *var;
            if self.by == By::Units {
                let sum = sum_rows(simd, rows, |row| values[row].lanes::<S>()[lane]);
                *mean = simd.div_f32s(sum, simd.splat_f32s(rows as f32));
                let squares = sum_rows(simd, rows, |row| {
                    let apart = simd.sub_f32s(values[row].lanes::<S>()[lane], *mean);
                    simd.mul_f32s(apart, apart)
                });
                biased = simd.div_f32s(squares, simd.splat_f32s(rows as f32));
                *var = simd.div_f32s(squares, simd.splat_f32s((rows - 1) as f32));
            }
            let scale = inverse_root(simd, biased);
            self.scale[panel].lanes_mut::<S>()[lane] = scale;
            let (weight, bias) = (self.weight[panel].lanes::<S>(), self.bias[panel].lanes::<S>());
            for (value, normed) in values.iter_mut().zip(&mut *normed) {
                let value = &mut value.lanes_mut::<S>()[lane];
                let even = simd.mul_f32s(simd.sub_f32s(*value, *mean), scale);
                normed.lanes_mut::<S>()[lane] = even;
                *value = simd.mul_add_f32s(even, weight[lane], bias[lane]);
            }
        }
    }

    /// Sixteen rows by statistics over the units.
    #[inline(always)]
    fn rows_from<S: Simd>(&mut self, simd: S, first: usize) {
        let Self { width, weight, bias, .. } = *self;
        let place = |panel: usize, row: usize, height: usize| panel * height + first + row;
        let height = self.values.rows;
        let values = &mut *self.values.lines;
        let count = simd.splat_f32s(width as f32);
        let mut mean = sum_units(simd, width, |panel, row, lane| {
            values[place(panel, row, height)].lanes::<S>()[lane]
        });
        mean.lanes_mut::<S>().iter_mut().for_each(|sum| *sum = simd.div_f32s(*sum, count));
        let mut scale = sum_units(simd, width, |panel, row, lane| {
            let value = values[place(panel, row, height)].lanes::<S>()[lane];
            let apart = simd.sub_f32s(value, simd.splat_f32s(mean.0[row]));
            simd.mul_f32s(apart, apart)
        });
        for squares in scale.lanes_mut::<S>() {
            *squares = inverse_root(simd, simd.div_f32s(*squares, count));
        }
        for panel in 0..panels(width) {
            let normed = &mut self.normed.panel(panel)[first..first + WIDTH];
            let values = &mut values[place(panel, 0, height)..][..WIDTH];
            let (weight, bias) = (weight[panel].lanes::<S>(), bias[panel].lanes::<S>());
            for (row, (values, normed)) in values.iter_mut().zip(normed).enumerate() {
                let (mean, scale) = (simd.splat_f32s(mean.0[row]), simd.splat_f32s(scale.0[row]));
                let values = values.lanes_mut::<S>().iter_mut().zip(normed.lanes_mut::<S>());
                for ((value, normed), (&weight, &bias)) in values.zip(weight.iter().zip(bias)) {
                    *normed = simd.mul_f32s(simd.sub_f32s(*value, mean), scale);
                    *value = simd.mul_add_f32s(*normed, weight, bias);
                }
            }
        }
        self.scale[first / WIDTH] = scale;
    }
}

/// 1 / √(variance + eps); of an infinite variance no number, so that the loss tells of it.
#[inline(always)]
fn inverse_root<S: Simd>(simd: S, variance: S::f32s) -> S::f32s {
    let root = simd.sqrt_f32s(simd.add_f32s(variance, simd.splat_f32s(NORM_EPS as f32)));
    let inverse = simd.div_f32s(simd.splat_f32s(1.0), root);
    simd.add_f32s(inverse, simd.sub_f32s(variance, variance))
}
