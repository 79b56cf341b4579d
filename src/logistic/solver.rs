use std::sync::atomic::{AtomicBool, Ordering};

use pulp::Arch;

use super::lines::{Columns, Line, WIDTH};
use super::problem::{Problem, Slope};
use super::{Linear, LogisticError, Settings, cholesky, conjugate, lasso};
use crate::examples::Matrix;

/// Coefficients up to which a step is solved for by the matrix of second derivatives at once; its
/// time grows with the square and the cube of their number.
const FEW: usize = 512;
/// Coefficients up to which it is where conjugate gradients take longer.
pub(super) const MANY: usize = 2048;
/// Halvings of a step before it is given up.
const HALVINGS: usize = 40;

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The weighted mean of the rows' log losses, and the penalty in the same measure.
    pub loss: f64,
    /// Whether no further step is worth it.
    pub converged: bool,
}

/// A fit in the making, from coefficients of 0 on.
#[derive(Debug, Clone)]
pub struct Solver {
    problem: Problem,
    settings: Settings,
    /// Number of classes, and those that rows have.
    classes: usize,
    present: Vec<usize>,
    coefficients: Vec<f64>,
    margins: Columns,
    last: Step,
    steps: u32,
    /// Whether steps are solved for by the matrix of second derivatives.
    is_direct: bool,
}

impl Solver {
    /// A fit of `rows` with their `labels`, each below `classes`. Without columns, the intercepts are
    /// fitted to the labels alone.
    ///
    /// # Errors
    /// [`LogisticError`] when a setting is out of range, labels do not fit, rows are not finite, or
    /// they are all of one class.
    pub fn new(
        rows: &Matrix,
        labels: &[u32],
        classes: usize,
        settings: &Settings,
    ) -> Result<Self, LogisticError> {
        Self::on(Arch::new(), rows, labels, classes, settings)
    }

    /// As [`Solver::new`], with an instruction set, which makes no difference to the solution.
    pub(super) fn on(
        arch: Arch,
        rows: &Matrix,
        labels: &[u32],
        classes: usize,
        settings: &Settings,
    ) -> Result<Self, LogisticError> {
        settings.check(classes)?;
        let present = check(rows, labels, classes)?;
        // A class without rows has no part in the fit.
        let mut number = vec![0_u32; classes];
        for (at, &class) in (0..).zip(&present) {
            number[class] = at;
        }
        let weight = |label: u32| settings.class_weights.get(label as usize).copied();
        let weight = |label: u32| weight(label).unwrap_or(1.0);
        let total: f64 = labels.iter().map(|&label| weight(label)).sum();
        let lines = labels.chunks(WIDTH);
        let line = |labels: &[u32]| {
            let mut line = Line::default();
            line.0.iter_mut().zip(labels).for_each(|(at, &label)| *at = weight(label) / total);
            line
        };
        let numbers = |labels: &[u32]| {
            let mut line = [0; WIDTH];
            line.iter_mut().zip(labels).for_each(|(at, &label)| *at = number[label as usize]);
            line
        };
        let penalty = 1.0 / (settings.c * total);
        let problem = Problem {
            arch,
            columns: Columns::of(rows, 0, labels.len(), settings.fit_intercept),
            labels: lines.clone().map(numbers).collect(),
            weights: lines.map(line).collect(),
            margins: if present.len() == 2 { 1 } else { present.len() },
            intercept: settings.fit_intercept,
            l2: penalty * (1.0 - settings.l1_ratio),
            l1: penalty * settings.l1_ratio,
        };
        let coefficients = vec![0.0; problem.count()];
        let margins = problem.margins(&coefficients);
        let last = Step { loss: problem.loss(&margins), converged: coefficients.is_empty() };
        let settings = settings.clone();
        let is_direct = problem.l1 > 0.0 || problem.count() <= FEW;
        let steps = 0;
        Ok(Self {
            problem,
            settings,
            classes,
            present,
            coefficients,
            margins,
            last,
            steps,
            is_direct,
        })
    }

    /// Takes steps until one converges, or until `max_iter` of them are taken; nothing once `stop` is
    /// set.
    pub fn fit(&mut self, stop: &AtomicBool) -> Option<Step> {
        while !self.last.converged && self.steps < self.settings.max_iter {
            self.step(stop)?;
        }
        Some(self.last)
    }

    /// Steps taken.
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// Takes one step; nothing, and no step, once `stop` is set.
    pub fn step(&mut self, stop: &AtomicBool) -> Option<Step> {
        let is_stopped = || stop.load(Ordering::Relaxed);
        if is_stopped() {
            return None;
        }
        if self.last.converged {
            return Some(self.last);
        }
        let slope = self.problem.slope(&self.coefficients, &self.margins);
        let violation = lasso::violation(&self.problem, &self.coefficients, &slope.gradient);
        if is_stopped() {
            return None;
        }
        // Ever more exact, so that the last steps converge as fast as the others.
        let part = violation.sqrt().clamp(0.01, 0.5);
        let is_direct = self.is_direct;
        let direction = self.direction(&slope, part, stop);
        if is_stopped() {
            return None;
        }
        let share = self.advance(&slope, &direction);
        let greatest = |values: &[f64]| values.iter().fold(0.0, |all: f64, v| all.max(v.abs()));
        let (moved, reached) = (greatest(&direction), greatest(&self.coefficients));
        // Of a step that was solved for in part, that part of it is left to go: a tenth of the
        // tolerance, for it is not the square of the step, as after one that was solved for.
        let moved = if is_direct { moved } else { 10.0 * part * moved };
        let tol = self.settings.tol;
        let is_small = violation <= tol && moved <= tol * reached.max(1.0);
        self.last.converged = share == 0.0 || (share > 0.5 && is_small);
        self.steps += 1;
        Some(self.last)
    }

    /// The Newton step at a slope; where it is not direct, until that part of the slope is left.
    fn direction(&mut self, slope: &Slope, part: f64, stop: &AtomicBool) -> Vec<f64> {
        let Self { problem, coefficients, .. } = self;
        if !self.is_direct {
            let (direction, passes) = conjugate::solve(problem, slope, part, stop);
            let is_slow = passes as f64 > problem.passes_of_matrix();
            self.is_direct = is_slow && problem.count() <= MANY;
            return direction;
        }
        let curvature = problem.curvature(&slope.probabilities);
        if problem.l1 == 0.0 {
            let right: Vec<f64> = slope.gradient.iter().map(|value| -value).collect();
            return cholesky::solve(problem.arch, &curvature, &right);
        }
        lasso::solve(problem, slope, &curvature, coefficients)
    }

    /// Goes so much of a step that the loss falls as the slope promises, at least in part; gives the
    /// share that was gone, 0 when the loss falls nowhere.
    fn advance(&mut self, slope: &Slope, direction: &[f64]) -> f64 {
        let Self { problem, coefficients, margins, last, .. } = self;
        let at = |share: f64| -> Vec<f64> {
            let both = coefficients.iter().zip(direction);
            both.map(|(from, step)| from + share * step).collect()
        };
        let l1 = |coefficients: &[f64]| -> f64 {
            let penalised = coefficients.iter().enumerate();
            let penalised = penalised.filter(|(at, _)| problem.is_penalised(*at));
            problem.l1 * penalised.map(|(_, value)| value.abs()).sum::<f64>()
        };
        let along: f64 = slope.gradient.iter().zip(direction).map(|(one, two)| one * two).sum();
        let promise = along + l1(&at(1.0)) - l1(coefficients);
        if promise.is_nan() || promise >= 0.0 {
            return 0.0;
        }
        let moved = problem.margins(direction);
        let mut share = 1.0;
        for _ in 0..HALVINGS {
            let (next, margins_there) = (at(share), margins.plus(share, &moved));
            let loss = problem.loss(&margins_there) + problem.penalty(&next);
            // Near the end, the loss falls by less than its own rounding.
            if loss <= last.loss + 1e-4 * share * promise + 4.0 * f64::EPSILON * last.loss.abs() {
                *coefficients = next;
                *margins = margins_there;
                last.loss = loss;
                return share;
            }
            share *= 0.5;
        }
        0.0
    }

    /// The model at the coefficients reached. The coefficients of two classes are those of the
    /// second, and 0 of the first; the intercepts of more than two sum to 0. A class without rows
    /// gets an intercept of -1e30, which no row makes up for.
    pub fn model(&self) -> Linear {
        let (width, intercept) = (self.problem.width(), self.problem.intercept);
        let columns = width - usize::from(intercept);
        let mut weights = vec![0.0; self.classes * columns];
        let mut intercepts = vec![-1e30; self.classes];
        for &class in &self.present {
            intercepts[class] = 0.0;
        }
        let fitted = &self.present[self.present.len() - self.problem.margins..];
        let of = |margin: usize| &self.coefficients[margin * width..][..width];
        let mut mean = 0.0;
        if intercept && fitted.len() > 1 {
            let sum: f64 = (0..fitted.len()).map(|margin| of(margin)[columns]).sum();
            mean = sum / fitted.len() as f64;
        }
        for (margin, &class) in fitted.iter().enumerate() {
            weights[class * columns..][..columns].copy_from_slice(&of(margin)[..columns]);
            if intercept {
                intercepts[class] = of(margin)[columns] - mean;
            }
        }
        Linear::unchecked(columns, weights, intercepts)
    }
}

/// The classes that rows have.
fn check(rows: &Matrix, labels: &[u32], classes: usize) -> Result<Vec<usize>, LogisticError> {
    let columns = rows.columns();
    if columns > 0 && labels.len() != rows.rows() {
        return Err(LogisticError::Labels { labels: labels.len(), rows: rows.rows() });
    }
    if let Some(row) = labels.iter().position(|&label| label as usize >= classes) {
        return Err(LogisticError::Label { row, label: labels[row], classes });
    }
    if let Some(at) = rows.values().iter().position(|value| !value.is_finite()) {
        return Err(LogisticError::NotFinite { row: at / columns, column: at % columns });
    }
    let mut is_present = vec![false; classes];
    for &label in labels {
        is_present[label as usize] = true;
    }
    let present: Vec<usize> = (0..classes).filter(|&class| is_present[class]).collect();
    if present.len() < 2 {
        return Err(LogisticError::Classes { present: present.len() });
    }
    Ok(present)
}
