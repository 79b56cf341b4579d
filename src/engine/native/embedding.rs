//! A periodic embedding, forward and backward, sixteen rows at a time.
//!
//! Blocks of inputs are turned, so that a line holds one input of sixteen rows. Whatever the numbers
//! of frequencies and outputs, every element of a vector is then in use, and the sums over frequencies
//! run from vector to vector.

use pulp::{Arch, Simd, WithSimd};

use super::functions::cos_sin;
use super::layout::EmbeddingPlace;
use super::panels::{Buffer, Line, Panels, PanelsMut, WIDTH, panels};
use super::sums::transpose_block;
use crate::network::{Embedding, EmbeddingWeights};

/// Rows and columns of the blocks of a weight's gradient: as many sums as there are lines to turn.
const BLOCK: usize = 4;

/// What passes over an embedding write to.
#[derive(Debug)]
pub(super) struct Embedded {
    arch: Arch,
    place: EmbeddingPlace,
    shape: Shape,
    /// The parameters, and what a pass over rows adds to their gradients.
    weights: EmbeddingWeights,
    gradients: EmbeddingWeights,
    /// `[rows, columns]`: all inputs as they are, then what is made of the numbers.
    outputs: Buffer,
    /// The loss's derivative by them.
    at_outputs: Buffer,
    /// `outputs`, turned.
    columns: Vec<Line>,
    /// `at_outputs`, turned.
    slopes: Vec<Line>,
    /// Cosines, then sines, of every number.
    waves: Vec<Line>,
}

/// The widths of an embedding.
#[derive(Debug, Clone)]
struct Shape {
    /// Width of the inputs.
    inputs: usize,
    /// Places of the numbers among them.
    numbers: Vec<usize>,
    /// Frequencies of a number.
    frequencies: usize,
    /// Width of what is made of a number.
    width: usize,
}

impl Shape {
    /// Width of what comes out.
    fn columns(&self) -> usize {
        self.inputs + self.numbers.len() * self.width
    }

    /// Lines of sixteen rows, turned.
    fn turned(&self) -> usize {
        panels(self.columns()) * WIDTH
    }

    /// Lines of the waves of sixteen rows.
    fn waves(&self) -> usize {
        self.numbers.len() * 2 * self.frequencies
    }

    /// The column of the first value that is made of the number at a place among the numbers.
    fn first(&self, number: usize) -> usize {
        self.inputs + number * self.width
    }
}

/// Blocks of sixteen rows.
fn blocks(rows: usize) -> usize {
    rows.div_ceil(WIDTH)
}

impl Embedded {
    /// Lines of memory that the buffers take.
    pub fn lines(inputs: usize, embedding: &Embedding, capacity: usize) -> usize {
        let turned = (panels(inputs + embedding.outputs()) + 1) * WIDTH;
        let waves = embedding.numbers.len() * 2 * embedding.frequencies;
        // Outputs and their gradients, each as they are and turned.
        blocks(capacity) * (4 * turned + waves)
    }

    /// Buffers for passes over at most `capacity` rows.
    pub fn new(
        arch: Arch,
        (inputs, embedding): (usize, &Embedding),
        place: EmbeddingPlace,
        capacity: usize,
    ) -> Self {
        let Embedding { numbers, frequencies, width, .. } = embedding.clone();
        let shape = Shape { inputs, numbers, frequencies, width };
        let columns = shape.columns();
        let lines = |each: usize| vec![Line::default(); blocks(capacity) * each];
        let weights = place.zeros();
        Self {
            arch,
            place,
            gradients: weights.clone(),
            weights,
            outputs: Buffer::new(capacity, columns),
            at_outputs: Buffer::new(capacity, columns),
            columns: lines(shape.turned()),
            slopes: lines(shape.turned()),
            waves: lines(shape.waves()),
            shape,
        }
    }

    /// Takes in new parameters.
    pub fn adopt(&mut self, parameters: &[Line]) {
        self.place.read(parameters, &mut self.weights);
    }

    /// What the first layer takes, `[rows, columns]`.
    pub fn outputs(&self) -> Panels<'_> {
        self.outputs.view()
    }

    /// The loss's derivative by that, to be written before the way back.
    pub fn at_outputs(&mut self) -> PanelsMut<'_> {
        self.at_outputs.view_mut()
    }

    /// Embeds rows of inputs.
    pub fn forward(&mut self, rows: usize, inputs: Panels<'_>) {
        self.arch.dispatch(Forward {
            blocks: blocks(rows),
            shape: &self.shape,
            weights: &self.weights,
            inputs,
            columns: &mut self.columns,
            waves: &mut self.waves,
            outputs: self.outputs.view_mut(),
        });
    }

    /// Writes the gradients of the embedding's parameters, or adds to them.
    pub fn backward(&mut self, rows: usize, gradients: &mut [Line], accumulate: bool) {
        let (turned, values) = (self.shape.turned(), self.at_outputs.view());
        for (block, slopes) in self.slopes.chunks_exact_mut(turned).enumerate().take(blocks(rows)) {
            for panel in self.shape.inputs / WIDTH..panels(self.shape.columns()) {
                turn(&values.panel(panel)[block * WIDTH..], &mut slopes[panel * WIDTH..]);
            }
            // What stands in rows beyond the last is not zero, and sums go over whole blocks.
            let left = (rows - block * WIDTH).min(WIDTH);
            for line in slopes {
                line.0[left..].fill(0.0);
            }
        }
        self.arch.dispatch(Backward {
            blocks: blocks(rows),
            shape: &self.shape,
            weights: &self.weights,
            columns: &self.columns,
            waves: &self.waves,
            slopes: &self.slopes,
            gradients: &mut self.gradients,
        });
        self.place.write(&self.gradients, gradients, accumulate);
    }
}

/// Turns a block of sixteen lines.
#[inline(always)]
fn turn(from: &[Line], to: &mut [Line]) {
    if let (Some(from), Some(to)) = (from.first_chunk(), to.first_chunk_mut()) {
        transpose_block(from, to);
    }
}

/// Up to four places from `first` on, the last of `count` again where they are fewer.
#[inline(always)]
fn places(first: usize, count: usize) -> [usize; BLOCK] {
    std::array::from_fn(|place| (first + place).min(count - 1))
}

/// Rows through the embedding.
struct Forward<'a> {
    blocks: usize,
    shape: &'a Shape,
    weights: &'a EmbeddingWeights,
    inputs: Panels<'a>,
    columns: &'a mut [Line],
    waves: &'a mut [Line],
    outputs: PanelsMut<'a>,
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

/// Gradients of the embedding's parameters.
struct Backward<'a> {
    blocks: usize,
    shape: &'a Shape,
    weights: &'a EmbeddingWeights,
    columns: &'a [Line],
    waves: &'a [Line],
    slopes: &'a [Line],
    gradients: &'a mut EmbeddingWeights,
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
