//! Numbers to waves, and waves to what is made of them.

use pulp::{Simd, WithSimd};

use super::{BLOCK, Shape, places, turn};
use crate::engine::native::functions::cos_sin;
use crate::engine::native::panels::{Line, Panels, PanelsMut, WIDTH, panels};
use crate::network::EmbeddingWeights;

/// Rows through the embedding.
pub(super) struct Forward<'a> {
    pub blocks: usize,
    pub shape: &'a Shape,
    pub weights: &'a EmbeddingWeights,
    pub inputs: Panels<'a>,
    pub columns: &'a mut [Line],
    pub waves: &'a mut [Line],
    pub outputs: PanelsMut<'a>,
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let Shape { inputs, numbers, frequencies, width } = self.shape;
        let columns = self.columns.chunks_exact_mut(self.shape.turned());
        let waves = self.waves.chunks_exact_mut(self.shape.waves());
        for (block, (columns, waves)) in columns.zip(waves).enumerate().take(self.blocks) {
            for panel in 0..panels(*inputs) {
                turn(&self.inputs.panel(panel)[block * WIDTH..], &mut columns[panel * WIDTH..]);
            }
            for (number, (&input, waves)) in
                numbers.iter().zip(waves.chunks_exact_mut(2 * frequencies)).enumerate()
            {
                let rates = &self.weights.frequencies[number * frequencies..][..*frequencies];
                swing(simd, rates, &columns[input], waves);
                let (outputs, values) = (number * width, self.shape.first(number));
                let weight = &self.weights.weight[outputs * waves.len()..][..width * waves.len()];
                let bias = &self.weights.bias[outputs..][..*width];
                combine(simd, weight, bias, waves, &mut columns[values..][..*width]);
            }
            for panel in 0..panels(self.shape.columns()) {
                let outputs = &mut self.outputs.panel(panel)[block * WIDTH..];
                turn(&columns[panel * WIDTH..], outputs);
            }
        }
    }
}

/// The waves of a number: cosines, then sines.
#[inline(always)]
fn swing<S: Simd>(simd: S, rates: &[f32], input: &Line, waves: &mut [Line]) {
    let (cosines, sines) = waves.split_at_mut(rates.len());
    for ((&rate, cosine), sine) in rates.iter().zip(cosines).zip(sines) {
        let rate = simd.splat_f32s(rate);
        let out = cosine.lanes_mut::<S>().iter_mut().zip(sine.lanes_mut::<S>());
        for (&input, (cosine, sine)) in input.lanes::<S>().iter().zip(out) {
            (*cosine, *sine) = cos_sin(simd, rate, input);
        }
    }
}

/// `out[w] = bias[w] + Σ_m weight[w, m] · waves[m]`.
#[inline(always)]
fn combine<S: Simd>(simd: S, weight: &[f32], bias: &[f32], waves: &[Line], out: &mut [Line]) {
    let row = |place: usize| &weight[place * waves.len()..][..waves.len()];
    for first in (0..out.len()).step_by(BLOCK) {
        let places = places(first, out.len());
        let [one, two, three, four] = places.map(row);
        for lane in 0..WIDTH / S::F32_LANES {
            let mut sums = [simd.splat_f32s(0.0); BLOCK];
            for (sum, place) in sums.iter_mut().zip(places) {
                *sum = simd.splat_f32s(bias[place]);
            }
            let weights = one.iter().zip(two).zip(three).zip(four);
            for ((((&one, &two), &three), &four), wave) in weights.zip(waves) {
                let wave = wave.lanes::<S>()[lane];
                for (sum, weight) in sums.iter_mut().zip([one, two, three, four]) {
                    *sum = simd.mul_add_f32s(simd.splat_f32s(weight), wave, *sum);
                }
            }
            for (place, sum) in places.into_iter().zip(sums) {
                out[place].lanes_mut::<S>()[lane] = sum;
            }
        }
    }
}
