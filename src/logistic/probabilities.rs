//! Margins to probabilities, losses, and what the derivatives are made of.

use pulp::{Simd, WithSimd};

use super::lines::{Line, WIDTH};
use crate::elementary::{exp, ln};

/// Margins of a chunk to probabilities, in place. For one margin, the probability of the second
/// class.
#[derive(Debug)]
pub(super) struct Probabilities<'a> {
    /// Lines of a column.
    pub length: usize,
    /// `[classes, length]`: margins, then probabilities.
    pub margins: &'a mut [Line],
    /// The class of each row, `[length]` lines; of one margin 0 or 1.
    pub labels: &'a [[u32; WIDTH]],
    /// What each row weighs, `[length]`; 0 for rows that fill up a line.
    pub weights: &'a [Line],
    /// Where the derivatives of the loss by the margins go, `[classes, length]`; or nothing.
    pub slopes: &'a mut [Line],
}

impl WithSimd for Probabilities<'_> {
    /// The weighted sum of the log losses.
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        let mut sums = Line::default();
        let Self { length, margins, labels, weights, slopes } = self;
        for place in 0..length {
            let (label, weight) = (&labels[place], &weights[place]);
            let losses = if margins.len() == length {
                let slope = slopes.get_mut(place);
                two(&mut margins[place], label, weight, slope)
            } else {
                many(&mut margins[place..], slopes.get_mut(place..), length, label, weight)
            };
            for lane in 0..WIDTH {
                sums.0[lane] += weight.0[lane] * losses.0[lane];
            }
        }
        sums.sum()
    }
}

/// ln(1 + x) of x from 0 on, exact for small x too.
#[inline(always)]
pub(super) fn ln_1p(x: f64) -> f64 {
    let sum = 1.0 + x;
    // What the addition rounded off, in parts of the sum.
    ln(sum) + (x - (sum - 1.0)) / sum
}

/// The losses of eight rows of two classes.
#[inline(always)]
fn two(margin: &mut Line, label: &[u32; WIDTH], weight: &Line, slope: Option<&mut Line>) -> Line {
    let mut losses = Line::default();
    let mut slopes = Line::default();
    for lane in 0..WIDTH {
        let m = margin.0[lane];
        let small = exp(-m.abs());
        let (near, far) = (1.0 / (1.0 + small), small / (1.0 + small));
        let (second, first) = if m >= 0.0 { (near, far) } else { (far, near) };
        let is_second = label[lane] == 1;
        // Of the wrong class, so that nothing cancels where the right one is nearly certain.
        slopes.0[lane] = weight.0[lane] * if is_second { -first } else { second };
        let against = if is_second { -m } else { m };
        losses.0[lane] = against.max(0.0) + ln_1p(small);
        margin.0[lane] = second;
    }
    if let Some(slope) = slope {
        *slope = slopes;
    }
    losses
}

/// The losses of eight rows of many classes; lines of a class are `length` apart.
#[inline(always)]
fn many(
    margins: &mut [Line],
    slopes: Option<&mut [Line]>,
    length: usize,
    label: &[u32; WIDTH],
    weight: &Line,
) -> Line {
    let mut greatest = [f64::NEG_INFINITY; WIDTH];
    let mut own = [0.0; WIDTH];
    for (class, margin) in (0_u32..).zip(margins.iter().step_by(length)) {
        for lane in 0..WIDTH {
            let m = margin.0[lane];
            greatest[lane] = if m > greatest[lane] { m } else { greatest[lane] };
            own[lane] = if label[lane] == class { m } else { own[lane] };
        }
    }
    let (mut sum, mut others) = ([0.0; WIDTH], [0.0; WIDTH]);
    for (class, margin) in (0_u32..).zip(margins.iter_mut().step_by(length)) {
        for lane in 0..WIDTH {
            let share = exp(margin.0[lane] - greatest[lane]);
            margin.0[lane] = share;
            sum[lane] += share;
            others[lane] += if label[lane] == class { 0.0 } else { share };
        }
    }
    let mut losses = Line::default();
    for lane in 0..WIDTH {
        // Where the row's own class is the greatest its share is 1, and the others are small.
        let behind = greatest[lane] - own[lane];
        let beyond = if behind > 0.0 { sum[lane] - 1.0 } else { others[lane] };
        losses.0[lane] = behind + ln_1p(beyond);
    }
    let inverse: [f64; WIDTH] = std::array::from_fn(|lane| 1.0 / sum[lane]);
    for margin in margins.iter_mut().step_by(length) {
        for lane in 0..WIDTH {
            margin.0[lane] *= inverse[lane];
        }
    }
    if let Some(slopes) = slopes {
        let both = slopes.iter_mut().step_by(length).zip(margins.iter().step_by(length));
        for (class, (slope, margin)) in (0_u32..).zip(both) {
            for lane in 0..WIDTH {
                let own = -others[lane] * inverse[lane];
                let share = if label[lane] == class { own } else { margin.0[lane] };
                slope.0[lane] = weight.0[lane] * share;
            }
        }
    }
    losses
}
