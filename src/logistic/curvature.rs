//! The matrix of second derivatives.

use pulp::{Simd, WithSimd};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::lines::{Columns, Line, WIDTH};
use super::problem::Problem;
use super::products::Products;

/// Parts of the rows that are summed by themselves, so that threads have something to share; as many
/// on all machines, so that the sums are the same.
const PARTS: usize = 8;

/// A symmetric matrix, `[count, count]`.
#[derive(Debug, Clone)]
pub(super) struct Curvature {
    pub count: usize,
    pub values: Vec<f64>,
}

impl Curvature {
    /// A row.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.count..(row + 1) * self.count]
    }
}

/// Columns of a chunk times a factor for each row.
struct Scaled<'a> {
    columns: &'a [Line],
    factors: &'a [Line],
    out: &'a mut [Line],
}

impl WithSimd for Scaled<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let length = self.factors.len();
        let columns = self.columns.chunks_exact(length);
        for (out, column) in self.out.chunks_exact_mut(length).zip(columns) {
            for ((out, column), factor) in out.iter_mut().zip(column).zip(self.factors) {
                for vector in 0..WIDTH / S::F64_LANES {
                    let (value, factor) =
                        (column.lanes::<S>()[vector], factor.lanes::<S>()[vector]);
                    out.lanes_mut::<S>()[vector] = simd.mul_f64s(value, factor);
                }
            }
        }
    }
}

impl Problem {
    /// The second derivatives of the mean log loss and the L2 penalty at probabilities.
    ///
    /// With many classes, adding one number to all intercepts changes nothing, and its curvature
    /// would be 0. It is given some, which no step notices: the gradient that way is 0.
    pub fn curvature(&self, probabilities: &Columns) -> Curvature {
        let (margins, width, count) = (self.margins, self.width(), self.count());
        let pairs: Vec<(usize, usize)> =
            (0..margins).flat_map(|a| (a..margins).map(move |b| (a, b))).collect();
        let chunks = self.columns.chunks();
        let of_part = chunks.div_ceil(PARTS).max(1);
        let parts: Vec<Vec<f64>> = (0..chunks.div_ceil(of_part))
            .into_par_iter()
            .map(|part| {
                let mut sums = vec![0.0; pairs.len() * width * width];
                for chunk in part * of_part..((part + 1) * of_part).min(chunks) {
                    self.add_chunk(chunk, probabilities, &pairs, &mut sums);
                }
                sums
            })
            .collect();
        let mut values = vec![0.0; count * count];
        let square = (width * width).max(1);
        for part in &parts {
            for (&(a, b), sums) in pairs.iter().zip(part.chunks(square)) {
                for i in 0..width {
                    for j in i..width {
                        let sum = sums[i * width + j];
                        values[(a * width + i) * count + b * width + j] += sum;
                    }
                }
            }
        }
        let mut all = Curvature { count, values };
        self.mirror(&mut all);
        for at in 0..count {
            if self.is_penalised(at) {
                all.values[at * count + at] += self.l2;
            }
        }
        if self.intercept && margins > 1 {
            let last = |margin: usize| margin * width + width - 1;
            let mean = (0..margins).map(|k| all.values[last(k) * count + last(k)]).sum::<f64>()
                / margins as f64;
            for a in 0..margins {
                for b in 0..margins {
                    all.values[last(a) * count + last(b)] += mean / margins as f64;
                }
            }
        }
        all
    }

    /// As many passes of conjugate gradients over the rows as take the time of the matrix and its
    /// factors. These are summed several times as fast: in registers, not from memory.
    pub fn passes_of_matrix(&self) -> f64 {
        let (rows, count) = (self.columns.rows.max(1) as f64, self.count().max(1) as f64);
        let (pairs, width) = (self.margins * (self.margins + 1) / 2, self.width() as f64);
        let sums = rows * pairs as f64 * width * width / 2.0 + count * count * count / 3.0;
        sums / (2.0 * rows * count) / 4.0
    }

    /// Each pair's columns are symmetric, and so are the pairs.
    fn mirror(&self, all: &mut Curvature) {
        let (margins, width, count) = (self.margins, self.width(), self.count());
        for a in 0..margins {
            for b in a..margins {
                for i in 0..width {
                    for j in i..width {
                        let value = all.values[(a * width + i) * count + b * width + j];
                        for (row, column) in [(a, b), (b, a)] {
                            let (row, column) = (row * width, column * width);
                            all.values[(row + i) * count + column + j] = value;
                            all.values[(row + j) * count + column + i] = value;
                        }
                    }
                }
            }
        }
    }

    /// Adds the rows of a chunk to the sums of each pair of margins.
    fn add_chunk(
        &self,
        chunk: usize,
        probabilities: &Columns,
        pairs: &[(usize, usize)],
        sums: &mut [f64],
    ) {
        let (length, width) = (self.columns.length(chunk), self.width());
        let columns = self.columns.chunk(chunk);
        let factors = self.factors(chunk, probabilities.chunk(chunk), pairs);
        let mut left = vec![Line::default(); columns.len()];
        let square = (width * width).max(1);
        for (factors, out) in factors.chunks(length).zip(sums.chunks_mut(square)) {
            self.arch.dispatch(Scaled { columns, factors, out: &mut left });
            let product = Products { length, left: &left, right: columns, out };
            self.arch.dispatch(product);
        }
    }

    /// The second derivatives of the loss by each pair of margins, in each row.
    fn factors(&self, chunk: usize, shares: &[Line], pairs: &[(usize, usize)]) -> Vec<Line> {
        let length = self.columns.length(chunk);
        let weights = &self.weights[self.columns.places(chunk)];
        let mut factors = vec![Line::default(); pairs.len() * length];
        if self.margins == 1 {
            for place in 0..length {
                for lane in 0..WIDTH {
                    let share = shares[place].0[lane];
                    factors[place].0[lane] = weights[place].0[lane] * share * (1.0 - share);
                }
            }
            return factors;
        }
        let place_of = |margin: usize| margin * length;
        for (at, &(a, b)) in pairs.iter().enumerate().filter(|(_, (a, b))| a != b) {
            // The pairs (a, a) and (b, b), whose derivatives are less the sum of the others.
            let own = |margin: usize| (margin * (2 * self.margins + 1 - margin) / 2) * length;
            for place in 0..length {
                for lane in 0..WIDTH {
                    let shares =
                        shares[place_of(a) + place].0[lane] * shares[place_of(b) + place].0[lane];
                    let factor = weights[place].0[lane] * shares;
                    factors[at * length + place].0[lane] = -factor;
                    factors[own(a) + place].0[lane] += factor;
                    factors[own(b) + place].0[lane] += factor;
                }
            }
        }
        factors
    }
}
