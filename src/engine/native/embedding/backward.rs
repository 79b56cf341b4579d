//! The gradients of weights, biases and frequencies.

use pulp::{Simd, WithSimd};

use super::{BLOCK, Shape, places};
use crate::engine::native::panels::{Line, WIDTH};
use crate::engine::native::sums::transpose_block;
use crate::network::EmbeddingWeights;

/// Gradients of the embedding's parameters.
pub(super) struct Backward<'a> {
    pub blocks: usize,
    pub shape: &'a Shape,
    pub weights: &'a EmbeddingWeights,
    pub columns: &'a [Line],
    pub waves: &'a [Line],
    pub slopes: &'a [Line],
    pub gradients: &'a mut EmbeddingWeights,
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        for number in 0..self.shape.numbers.len() {
            self.weight(simd, number);
            self.bias(simd, number);
            self.frequencies(simd, number);
        }
    }
}

impl Backward<'_> {
    /// By block, a number's waves and the slopes of what is made of it.
    #[inline(always)]
    fn lines(&self, number: usize) -> impl Iterator<Item = (&[Line], &[Line])> {
        let (first, each) = (number * 2 * self.shape.frequencies, 2 * self.shape.frequencies);
        let (made, width) = (self.shape.first(number), self.shape.width);
        let waves = self.waves.chunks_exact(self.shape.waves());
        let slopes = self.slopes.chunks_exact(self.shape.turned());
        let blocks = waves.zip(slopes).take(self.blocks);
        blocks.map(move |(waves, slopes)| (&waves[first..][..each], &slopes[made..][..width]))
    }

    /// `[w, m] = Σ_rows slopes[w] · waves[m]`, four by four.
    #[inline(always)]
    fn weight<S: Simd>(&mut self, simd: S, number: usize) {
        let (width, waves) = (self.shape.width, 2 * self.shape.frequencies);
        for first in (0..width).step_by(BLOCK) {
            let w = places(first, width);
            for first in (0..waves).step_by(BLOCK) {
                let m = places(first, waves);
                let sums = sum_up(&self.products(simd, number, w, m)).0;
                for (sums, w) in sums.chunks_exact(BLOCK).zip(w) {
                    for (&sum, m) in sums.iter().zip(m) {
                        self.gradients.weight[(number * width + w) * waves + m] = sum;
                    }
                }
            }
        }
    }

    /// Four slopes times four waves, summed over the blocks but not within.
    #[inline(always)]
    fn products<S: Simd>(
        &self,
        simd: S,
        number: usize,
        w: [usize; BLOCK],
        m: [usize; BLOCK],
    ) -> [Line; WIDTH] {
        let mut products = [Line::default(); WIDTH];
        for lane in 0..WIDTH / S::F32_LANES {
            let mut sums = [[simd.splat_f32s(0.0); BLOCK]; BLOCK];
            for (waves, slopes) in self.lines(number) {
                let zero = simd.splat_f32s(0.0);
                let (mut four_waves, mut four_slopes) = ([zero; BLOCK], [zero; BLOCK]);
                for place in 0..BLOCK {
                    four_waves[place] = waves[m[place]].lanes::<S>()[lane];
                    four_slopes[place] = slopes[w[place]].lanes::<S>()[lane];
                }
                for w in 0..BLOCK {
                    for m in 0..BLOCK {
                        sums[w][m] = simd.mul_add_f32s(four_slopes[w], four_waves[m], sums[w][m]);
                    }
                }
            }
            for place in 0..WIDTH {
                products[place].lanes_mut::<S>()[lane] = sums[place / BLOCK][place % BLOCK];
            }
        }
        products
    }

    /// `[w] = Σ_rows slopes[w]`, sixteen at a time.
    #[inline(always)]
    fn bias<S: Simd>(&mut self, simd: S, number: usize) {
        let width = self.shape.width;
        for first in (0..width).step_by(WIDTH) {
            let count = (width - first).min(WIDTH);
            let mut sums = [Line::default(); WIDTH];
            for (_, slopes) in self.lines(number) {
                for (sum, slope) in sums.iter_mut().zip(&slopes[first..first + count]) {
                    let slopes = slope.lanes::<S>();
                    for (sum, &slope) in sum.lanes_mut::<S>().iter_mut().zip(slopes) {
                        *sum = simd.add_f32s(*sum, slope);
                    }
                }
            }
            let sums = sum_up(&sums).0;
            self.gradients.bias[number * width + first..][..count].copy_from_slice(&sums[..count]);
        }
    }

    /// `[k] = Σ_rows 2π x (cos · by_sin - sin · by_cos)`, sixteen at a time, where the loss's
    /// derivatives by the waves are `by_cos` and `by_sin`.
    #[inline(always)]
    fn frequencies<S: Simd>(&mut self, simd: S, number: usize) {
        let Shape { frequencies, width, .. } = *self.shape;
        let weight = &self.weights.weight[number * width * 2 * frequencies..];
        let inputs = self.columns.iter().skip(self.shape.numbers[number]);
        let inputs = inputs.step_by(self.shape.turned());
        for first in (0..frequencies).step_by(WIDTH) {
            let count = (frequencies - first).min(WIDTH);
            let mut sums = [Line::default(); WIDTH];
            for ((waves, slopes), input) in self.lines(number).zip(inputs.clone()) {
                for (sum, k) in sums.iter_mut().zip(first..first + count) {
                    let (cosines, sines) = (&waves[k], &waves[frequencies + k]);
                    for (lane, sum) in sum.lanes_mut::<S>().iter_mut().enumerate() {
                        let (mut by_cos, mut by_sin) = (simd.splat_f32s(0.0), simd.splat_f32s(0.0));
                        let mut place = k;
                        for slope in slopes {
                            let slope = slope.lanes::<S>()[lane];
                            let cos = simd.splat_f32s(weight[place]);
                            let sin = simd.splat_f32s(weight[place + frequencies]);
                            by_cos = simd.mul_add_f32s(cos, slope, by_cos);
                            by_sin = simd.mul_add_f32s(sin, slope, by_sin);
                            place += 2 * frequencies;
                        }
                        let ahead = simd.mul_f32s(cosines.lanes::<S>()[lane], by_sin);
                        let behind = simd.mul_f32s(sines.lanes::<S>()[lane], by_cos);
                        let change = simd.sub_f32s(ahead, behind);
                        *sum = simd.mul_add_f32s(change, input.lanes::<S>()[lane], *sum);
                    }
                }
            }
            let sums = sum_up(&sums).0.map(|sum| sum * std::f32::consts::TAU);
            self.gradients.frequencies[number * frequencies + first..][..count]
                .copy_from_slice(&sums[..count]);
        }
    }
}

/// The sum of each line's elements, from the first to the last.
fn sum_up(lines: &[Line; WIDTH]) -> Line {
    let mut turned = [Line::default(); WIDTH];
    transpose_block(lines, &mut turned);
    let mut sums = Line::default();
    for line in &turned {
        for (sum, value) in sums.0.iter_mut().zip(line.0) {
            *sum += value;
        }
    }
    sums
}
