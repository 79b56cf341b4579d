//! What is minimised: the mean log loss of the rows with its derivatives, and the penalty.

use pulp::Arch;

use super::lines::{Columns, Line, WIDTH};
use super::margins::Margins;
use super::probabilities::Probabilities;
use super::pull::Pull;

/// Rows, what they are and weigh, and the penalty. Coefficients are `[margins, width]`, the
/// intercept the last of a margin.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    pub arch: Arch,
    /// `[rows, width]`, the last column ones where there are intercepts.
    pub columns: Columns,
    /// The class of each row, in lines.
    pub labels: Vec<[u32; WIDTH]>,
    /// What each row weighs, in lines; all together 1.
    pub weights: Vec<Line>,
    /// Margins of a row: one for two classes, else one for each class.
    pub margins: usize,
    /// Whether the last column is ones.
    pub intercept: bool,
    /// The factor of half the squared coefficients.
    pub l2: f64,
    /// The factor of the absolute coefficients.
    pub l1: f64,
}

/// The loss at some coefficients, and what the next step is found by.
#[derive(Debug, Clone)]
pub(super) struct Slope {
    /// `[rows, margins]`.
    pub probabilities: Columns,
    /// By the coefficients, with the L2 penalty's; `[margins, width]`.
    pub gradient: Vec<f64>,
}

impl Problem {
    /// Coefficients of a margin.
    pub fn width(&self) -> usize {
        self.columns.width
    }

    /// All coefficients.
    pub fn count(&self) -> usize {
        self.margins * self.width()
    }

    /// Whether a coefficient is penalised.
    pub fn is_penalised(&self, at: usize) -> bool {
        !(self.intercept && at % self.width() == self.width() - 1)
    }

    /// The coefficients' penalty.
    pub fn penalty(&self, coefficients: &[f64]) -> f64 {
        let penalised = coefficients.iter().enumerate().filter(|(at, _)| self.is_penalised(*at));
        let (mut squares, mut absolutes) = (0.0, 0.0);
        for (_, value) in penalised {
            squares += value * value;
            absolutes += value.abs();
        }
        0.5 * self.l2 * squares + self.l1 * absolutes
    }

    /// Rows times coefficients, `[rows, margins]`.
    pub fn margins(&self, coefficients: &[f64]) -> Columns {
        let mut margins = Columns::new(self.columns.rows, self.margins);
        margins.fill(|chunk, out| {
            let (length, columns) = (self.columns.length(chunk), self.columns.chunk(chunk));
            self.arch.dispatch(Margins { length, coefficients, columns, out });
        });
        margins
    }

    /// The log loss at margins.
    pub fn loss(&self, margins: &Columns) -> f64 {
        let mut margins = margins.clone();
        let losses = margins.fill(|chunk, margins| self.shares(chunk, margins, &mut []));
        losses.iter().sum()
    }

    /// The derivatives at coefficients and their margins.
    pub fn slope(&self, coefficients: &[f64], margins: &Columns) -> Slope {
        let mut probabilities = margins.clone();
        let parts = probabilities.fill(|chunk, margins| {
            let mut slopes = vec![Line::default(); margins.len()];
            self.shares(chunk, margins, &mut slopes);
            self.pull(chunk, &slopes)
        });
        let gradient = self.sum(&parts, coefficients);
        Slope { probabilities, gradient }
    }

    /// The second derivatives times a direction.
    pub fn bend(&self, probabilities: &Columns, direction: &[f64]) -> Vec<f64> {
        let mut margins = self.margins(direction);
        let parts = margins.fill(|chunk, margins| {
            let length = self.columns.length(chunk);
            let weights = &self.weights[self.columns.places(chunk)];
            bend(length, probabilities.chunk(chunk), weights, margins);
            self.pull(chunk, margins)
        });
        self.sum(&parts, direction)
    }

    /// Margins of a chunk to probabilities; the loss, and its derivatives by the margins.
    fn shares(&self, chunk: usize, margins: &mut [Line], slopes: &mut [Line]) -> f64 {
        let length = self.columns.length(chunk);
        let labels = &self.labels[self.columns.places(chunk)];
        let weights = &self.weights[self.columns.places(chunk)];
        self.arch.dispatch(Probabilities { length, margins, labels, weights, slopes })
    }

    /// Derivatives by the margins of a chunk to those by the coefficients.
    fn pull(&self, chunk: usize, slopes: &[Line]) -> Vec<f64> {
        let mut part = vec![0.0; self.count()];
        let (length, columns) = (self.columns.length(chunk), self.columns.chunk(chunk));
        self.arch.dispatch(Pull { length, slopes, columns, out: &mut part });
        part
    }

    /// The chunks' parts in order, and the L2 penalty's.
    fn sum(&self, parts: &[Vec<f64>], coefficients: &[f64]) -> Vec<f64> {
        let mut sum = vec![0.0; self.count()];
        for part in parts {
            for (sum, part) in sum.iter_mut().zip(part) {
                *sum += part;
            }
        }
        for (at, (sum, coefficient)) in sum.iter_mut().zip(coefficients).enumerate() {
            if self.is_penalised(at) {
                *sum += self.l2 * coefficient;
            }
        }
        sum
    }
}

/// Changes of margins to changes of the derivatives by the margins, in place.
fn bend(length: usize, probabilities: &[Line], weights: &[Line], margins: &mut [Line]) {
    for place in 0..length {
        let weight = &weights[place].0;
        let shares = probabilities[place..].iter().step_by(length);
        if margins.len() == length {
            for lane in 0..WIDTH {
                let share = probabilities[place].0[lane];
                margins[place].0[lane] *= weight[lane] * share * (1.0 - share);
            }
            continue;
        }
        let mut mean = [0.0; WIDTH];
        for (share, margin) in shares.clone().zip(margins[place..].iter().step_by(length)) {
            for lane in 0..WIDTH {
                mean[lane] += share.0[lane] * margin.0[lane];
            }
        }
        for (share, margin) in shares.zip(margins[place..].iter_mut().step_by(length)) {
            for lane in 0..WIDTH {
                margin.0[lane] = weight[lane] * share.0[lane] * (margin.0[lane] - mean[lane]);
            }
        }
    }
}
