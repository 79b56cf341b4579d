//! Solving for a step without the matrix of second derivatives, where that would be too large.

use std::sync::atomic::{AtomicBool, Ordering};

use super::lines::{Columns, Line, WIDTH};
use super::problem::{Problem, Slope};
use super::pull::Pull;

/// Solves for the Newton step at a slope by conjugate gradients, until so much of the gradient is
/// left, or `stop` is set; gives the passes over the rows that it took, too. The diagonal of the
/// second derivatives says how far each coefficient is likely to go.
pub(super) fn solve(
    problem: &Problem,
    slope: &Slope,
    part: f64,
    stop: &AtomicBool,
) -> (Vec<f64>, usize) {
    let diagonal = problem.diagonal(&slope.probabilities);
    let mut x = vec![0.0; problem.count()];
    let mut rest: Vec<f64> = slope.gradient.iter().map(|value| -value).collect();
    let scaled = |rest: &[f64]| -> Vec<f64> {
        rest.iter().zip(&diagonal).map(|(rest, diagonal)| rest / diagonal).collect()
    };
    let mut direction = scaled(&rest);
    let mut size = dot(&rest, &direction);
    let enough = size * part * part;
    let mut passes = 0;
    while passes < 2 * problem.count() {
        if size <= enough || size <= 0.0 || stop.load(Ordering::Relaxed) {
            break;
        }
        passes += 1;
        let bent = problem.bend(&slope.probabilities, &direction);
        let curvature = dot(&direction, &bent);
        if curvature.is_nan() || curvature <= 0.0 {
            break;
        }
        let length = size / curvature;
        for at in 0..x.len() {
            x[at] += length * direction[at];
            rest[at] -= length * bent[at];
        }
        let next = scaled(&rest);
        let smaller = dot(&rest, &next);
        let keep = smaller / size;
        size = smaller;
        for (direction, next) in direction.iter_mut().zip(next) {
            *direction = next + keep * *direction;
        }
    }
    (x, passes)
}

impl Problem {
    /// The second derivatives by each coefficient alone.
    fn diagonal(&self, probabilities: &Columns) -> Vec<f64> {
        let mut sum = vec![0.0; self.count()];
        for chunk in 0..self.columns.chunks() {
            let length = self.columns.length(chunk);
            let weights = &self.weights[self.columns.places(chunk)];
            let mut factors = probabilities.chunk(chunk).to_vec();
            for factors in factors.chunks_mut(length) {
                for (factor, weight) in factors.iter_mut().zip(weights) {
                    for lane in 0..WIDTH {
                        let share = factor.0[lane];
                        factor.0[lane] = weight.0[lane] * share * (1.0 - share);
                    }
                }
            }
            let square = |line: &Line| Line(line.0.map(|value| value * value));
            let squares: Vec<Line> = self.columns.chunk(chunk).iter().map(square).collect();
            let mut part = vec![0.0; sum.len()];
            let (slopes, columns) = (&factors, &squares);
            self.arch.dispatch(Pull { length, slopes, columns, out: &mut part });
            for (sum, part) in sum.iter_mut().zip(part) {
                *sum += part;
            }
        }
        for (at, value) in sum.iter_mut().enumerate() {
            let l2 = if self.is_penalised(at) { self.l2 } else { 0.0 };
            // Nothing is divided by 0: along a column of zeros the gradient is 0 too.
            *value = (*value + l2).max(1e-300);
        }
        sum
    }
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}
