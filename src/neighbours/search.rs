//! The comparison of rows with all train rows, in tiles that stay in registers.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use pulp::{Arch, Simd, WithSimd};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::Neighbours;
use super::found::Found;
use super::measure::{Distance, Measure, Reach, Row};
use super::packed::{Line, Side, WIDTH, inverse_lengths, pack, width};
use crate::examples::Matrix;

/// Rows searched for at once: each pass over the train rows serves all of them.
const ROWS: usize = 128;
/// Lines of train rows that are compared with all these before the next: 128 KiB, of the second
/// level cache.
const LINES: usize = 2048;

/// Row numbers and distances, `[rows, most]`; nothing once `stop` is set. The instruction set makes
/// no difference to them.
pub(super) fn search(
    arch: Arch,
    neighbours: &Neighbours,
    rows: &Matrix,
    most: usize,
    stop: &AtomicBool,
) -> Option<(Vec<u32>, Vec<f64>)> {
    let count = rows.rows();
    // Few rows are shared among all threads.
    let at_once = count.div_ceil(rayon::current_num_threads()).clamp(1, ROWS);
    let inverse_lengths = inverse_lengths(rows, neighbours.settings.metric);
    let chunk = |chunk: usize| {
        let range = chunk * at_once..((chunk + 1) * at_once).min(count);
        let queries = Queries { arch, neighbours, rows, inverse_lengths: &inverse_lengths, range };
        match neighbours.distance() {
            Distance::Euclidean(measure) => queries.search(measure, most, stop),
            Distance::Manhattan(measure) => queries.search(measure, most, stop),
            Distance::Chebyshev(measure) => queries.search(measure, most, stop),
            Distance::Minkowski(measure) => queries.search(measure, most, stop),
            Distance::Cosine(measure) => queries.search(measure, most, stop),
        }
    };
    let chunks: Option<Vec<_>> = (0..count.div_ceil(at_once)).into_par_iter().map(chunk).collect();
    let found = chunks?;
    let nearest = || found.iter().flatten().flat_map(Found::nearest);
    let mut numbers = Vec::with_capacity(count * most);
    numbers.extend(nearest().map(|&(_, row)| row));
    let mut distances = Vec::with_capacity(count * most);
    distances.extend(nearest().map(|&(distance, _)| distance));
    Some((numbers, distances))
}

/// Rows searched for at once.
#[derive(Debug, Clone)]
struct Queries<'a> {
    arch: Arch,
    neighbours: &'a Neighbours,
    rows: &'a Matrix,
    inverse_lengths: &'a [f64],
    range: Range<usize>,
}

impl Queries<'_> {
    fn search<M: Measure>(&self, measure: M, most: usize, stop: &AtomicBool) -> Option<Vec<Found>> {
        self.arch.dispatch(Scan { queries: self, measure, most, stop })
    }

    /// A row searched for, by its number in the range.
    fn row(&self, number: usize) -> Row<'_> {
        let row = self.range.start + number;
        let inverse_length = self.inverse_lengths.get(row).copied().unwrap_or(1.0);
        Row { values: self.rows.row(row), inverse_length }
    }

    /// A train row.
    fn train(&self, row: u32) -> Row<'_> {
        let Neighbours { train, packed, .. } = self.neighbours;
        let inverse_length = packed.inverse_lengths.get(row as usize).copied().unwrap_or(1.0);
        Row { values: train.row(row as usize), inverse_length }
    }

    /// The rows in groups of `HEIGHT`, each a line of `HEIGHT` values for every column; the last
    /// group is filled up with zeros.
    fn groups<const HEIGHT: usize>(&self) -> Vec<[f32; HEIGHT]> {
        let Self { neighbours, rows, inverse_lengths, .. } = self;
        let width = width(rows.columns(), neighbours.settings.metric);
        let mut groups = vec![[0.0; HEIGHT]; self.range.len().div_ceil(HEIGHT) * width];
        let mut packed = vec![0.0; width];
        for (number, row) in self.range.clone().enumerate() {
            pack(rows.row(row), inverse_lengths.get(row), Side::Query, &mut packed);
            let group = &mut groups[number / HEIGHT * width..][..width];
            for (line, &value) in group.iter_mut().zip(&packed) {
                line[number % HEIGHT] = value;
            }
        }
        groups
    }
}

/// The search itself, for one instruction set.
struct Scan<'a, M> {
    queries: &'a Queries<'a>,
    measure: M,
    most: usize,
    stop: &'a AtomicBool,
}

impl<M: Measure> WithSimd for Scan<'_, M> {
    type Output = Option<Vec<Found>>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        // As many running sums as hide the latency of an addition and fit the registers.
        match S::F32_LANES {
            16 => self.run::<S, 8, 1>(simd),
            8 => self.run::<S, 4, 2>(simd),
            4 => self.run::<S, 4, 4>(simd),
            _ => self.run::<S, 1, 16>(simd),
        }
    }
}

impl<M: Measure> Scan<'_, M> {
    /// Compares tiles of `HEIGHT` rows with panels of `VECTORS` vectors.
    #[inline(always)]
    fn run<S: Simd, const HEIGHT: usize, const VECTORS: usize>(
        self,
        simd: S,
    ) -> Option<Vec<Found>> {
        let packed = &self.queries.neighbours.packed;
        let width = width(self.queries.rows.columns(), self.queries.neighbours.settings.metric);
        let groups = self.queries.groups::<HEIGHT>();
        let mut found = vec![Found::new(self.most); self.queries.range.len()];
        // Of the rows that fill up the last group nothing is within reach: no sum is negative.
        let nowhere = Reach { limit: -1.0, scale: 0.0 };
        let mut reaches = vec![[nowhere; HEIGHT]; groups.len() / width];
        for number in 0..found.len() {
            reaches[number / HEIGHT][number % HEIGHT] = self.measure.reach(f64::INFINITY);
        }
        let panels = (LINES / width).max(1);
        for (block, lines) in packed.lines.chunks(panels * width).enumerate() {
            if self.stop.load(Ordering::Relaxed) {
                return None;
            }
            for (at, group) in groups.chunks_exact(width).enumerate() {
                let reaches = &mut reaches[at];
                for (panel, lines) in lines.chunks_exact(width).enumerate() {
                    let sums = self.tile::<S, HEIGHT, VECTORS>(simd, group, lines, reaches);
                    if is_any_within::<S, HEIGHT, VECTORS>(simd, &sums, reaches) {
                        let place = (block * panels + panel) * WIDTH;
                        let sums = stored::<S, HEIGHT, VECTORS>(&sums);
                        self.look_at(at * HEIGHT, place, &sums, reaches, &mut found);
                    }
                }
            }
        }
        Some(found)
    }

    /// The sums of `HEIGHT` rows with the rows of a panel.
    #[inline(always)]
    fn tile<S: Simd, const HEIGHT: usize, const VECTORS: usize>(
        &self,
        simd: S,
        group: &[[f32; HEIGHT]],
        lines: &[Line],
        reaches: &[Reach; HEIGHT],
    ) -> [[S::f32s; VECTORS]; HEIGHT] {
        let mut sums = [[simd.splat_f32s(0.0); VECTORS]; HEIGHT];
        for (queries, line) in group.iter().zip(lines) {
            let line = line.lanes::<S>();
            for row in 0..HEIGHT {
                let query = simd.splat_f32s(queries[row]);
                for vector in 0..VECTORS {
                    let apart = simd.sub_f32s(line[vector], query);
                    let sum = sums[row][vector];
                    sums[row][vector] = self.measure.add(simd, sum, apart, reaches[row].scale);
                }
            }
        }
        sums
    }

    /// Measures those exactly that a tile found within reach.
    #[cold]
    #[inline(never)]
    fn look_at<const HEIGHT: usize>(
        &self,
        first: usize,
        place: usize,
        sums: &[[f32; WIDTH]; HEIGHT],
        reaches: &mut [Reach; HEIGHT],
        found: &mut [Found],
    ) {
        let order = &self.queries.neighbours.packed.order;
        let order = &order[place..order.len().min(place + WIDTH)];
        for ((number, sums), reach) in (first..).zip(sums).zip(reaches) {
            let Some(found) = found.get_mut(number) else { return };
            for (&sum, &row) in sums.iter().zip(order) {
                // A sum that is not a number may be a distance that is none.
                if sum > reach.limit {
                    continue;
                }
                let (query, train) = (self.queries.row(number), self.queries.train(row));
                let distance = self.measure.distance(query, train);
                let distance = if distance.is_nan() { f64::INFINITY } else { distance };
                if found.offer(distance, row) {
                    *reach = self.measure.reach(found.farthest());
                }
            }
        }
    }
}

/// Whether any sum of a tile is not above the limit of its row.
#[inline(always)]
fn is_any_within<S: Simd, const HEIGHT: usize, const VECTORS: usize>(
    simd: S,
    sums: &[[S::f32s; VECTORS]; HEIGHT],
    reaches: &[Reach; HEIGHT],
) -> bool {
    let ones = simd.splat_u32s(u32::MAX);
    let mut beyond = ones;
    for row in 0..HEIGHT {
        let limit = simd.splat_f32s(reaches[row].limit);
        for vector in 0..VECTORS {
            let mask = simd.greater_than_f32s(sums[row][vector], limit);
            beyond = simd.select_u32s(mask, beyond, simd.splat_u32s(0));
        }
    }
    let mut lanes = [u32::MAX; WIDTH];
    if let Some(lanes) = S::as_mut_simd_u32s(&mut lanes).0.first_mut() {
        *lanes = beyond;
    }
    lanes.iter().fold(u32::MAX, |all, lane| all & lane) == 0
}

/// The sums of a tile as floats.
#[inline(always)]
fn stored<S: Simd, const HEIGHT: usize, const VECTORS: usize>(
    sums: &[[S::f32s; VECTORS]; HEIGHT],
) -> [[f32; WIDTH]; HEIGHT] {
    let mut stored = [[0.0; WIDTH]; HEIGHT];
    for row in 0..HEIGHT {
        let lanes = S::as_mut_simd_f32s(&mut stored[row]).0;
        for (lane, &sum) in lanes.iter_mut().zip(&sums[row]) {
            *lane = sum;
        }
    }
    stored
}
