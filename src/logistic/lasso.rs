//! Solving for a step where absolute coefficients are penalised: many of them stay at 0.

use super::cholesky;
use super::curvature::Curvature;
use super::problem::{Problem, Slope};

/// Rounds of a solution, and passes over the coefficients in each.
const ROUNDS: usize = 50;
const PASSES: usize = 4;

/// A step in the making.
struct Descent<'a> {
    problem: &'a Problem,
    curvature: &'a Curvature,
    /// Coefficients with the step.
    reached: Vec<f64>,
    /// The gradient of the quadratic model there.
    gradient: Vec<f64>,
}

/// The step to the least of the quadratic model at a slope and the penalty.
///
/// Passes that move a coefficient at a time find which of them are 0, and the signs of the others;
/// then the others are solved for at once. Passes alone would take thousands where columns are nearly
/// the same.
pub(super) fn solve(
    problem: &Problem,
    slope: &Slope,
    curvature: &Curvature,
    coefficients: &[f64],
) -> Vec<f64> {
    let (reached, gradient) = (coefficients.to_vec(), slope.gradient.clone());
    let mut descent = Descent { problem, curvature, reached, gradient };
    // Far from the solution, the model is not worth an exact one.
    let violation = descent.violation();
    let part = if violation > 1e-2 { 1e-2 } else { 1e-9 };
    let enough = (part * violation).max(1e-14);
    for _ in 0..ROUNDS {
        for _ in 0..PASSES {
            descent.pass();
        }
        // Until none changes its sign: it would come back in the next pass, and again be in the way.
        for _ in 0..coefficients.len() {
            if descent.solve_active() {
                break;
            }
        }
        if descent.violation() <= enough {
            break;
        }
    }
    descent.reached.iter().zip(coefficients).map(|(reached, from)| reached - from).collect()
}

/// How far the gradient of a coefficient is from what the penalty allows.
pub(super) fn violation(problem: &Problem, coefficients: &[f64], gradient: &[f64]) -> f64 {
    let both = coefficients.iter().zip(gradient).enumerate();
    let of = |(at, (&coefficient, &gradient)): (usize, (&f64, &f64))| {
        if !problem.is_penalised(at) {
            return gradient.abs();
        }
        if coefficient == 0.0 {
            return (gradient.abs() - problem.l1).max(0.0);
        }
        (gradient + problem.l1.copysign(coefficient)).abs()
    };
    both.map(of).fold(0.0, f64::max)
}

impl Descent<'_> {
    fn violation(&self) -> f64 {
        violation(self.problem, &self.reached, &self.gradient)
    }

    /// Moves a coefficient, and the gradient with it.
    fn shift(&mut self, at: usize, by: f64) {
        self.reached[at] += by;
        for (gradient, curvature) in self.gradient.iter_mut().zip(self.curvature.row(at)) {
            *gradient += by * curvature;
        }
    }

    /// Moves each coefficient to where it is best while the others stay.
    fn pass(&mut self) {
        for at in 0..self.reached.len() {
            let curvature = self.curvature.row(at)[at];
            if curvature.is_nan() || curvature <= 0.0 {
                continue;
            }
            let from = self.reached[at];
            let mut best = from - self.gradient[at] / curvature;
            if self.problem.is_penalised(at) {
                let less = self.problem.l1 / curvature;
                best = best.signum() * (best.abs() - less).max(0.0);
            }
            if best.total_cmp(&from).is_ne() {
                self.shift(at, best - from);
                // Exactly, so that a coefficient at 0 is told from one near it.
                self.reached[at] = best;
            }
        }
    }

    /// Moves the coefficients that are not 0 to where they are best together, or on the way there as
    /// far as signs stay; those that would change become 0. Tells whether there were none.
    fn solve_active(&mut self) -> bool {
        let is_active = |&at: &usize| self.reached[at] != 0.0 || !self.problem.is_penalised(at);
        let active: Vec<usize> = (0..self.reached.len()).filter(is_active).collect();
        let values = active
            .iter()
            .flat_map(|&row| active.iter().map(move |&column| (row, column)))
            .map(|(row, column)| self.curvature.row(row)[column])
            .collect();
        let part = Curvature { count: active.len(), values };
        let l1 = |at: usize| {
            let l1 = self.problem.l1.copysign(self.reached[at]);
            if self.problem.is_penalised(at) { l1 } else { 0.0 }
        };
        let right: Vec<f64> = active.iter().map(|&at| -(self.gradient[at] + l1(at))).collect();
        let step = cholesky::solve(self.problem.arch, &part, &right);
        // Many signs may change on the way. All of them at once is what comes nearest to the end,
        // if it is any better; the first alone is safe.
        for share in [1.0, 0.5, 0.25] {
            let moves = self.moves(&active, &step, share);
            if self.promise(&moves) < 0.0 {
                self.make(&moves);
                return moves.iter().all(|&(at, to)| to != 0.0 || !self.problem.is_penalised(at));
            }
        }
        let crossing = |(&at, &step): (&usize, &f64)| self.crossing(at, step).unwrap_or(1.0);
        let share = active.iter().zip(&step).map(crossing).fold(1.0, f64::min);
        let moves = self.moves(&active, &step, share);
        self.make(&moves);
        false
    }

    /// The share of a step at which a coefficient becomes 0, if it would change its sign.
    fn crossing(&self, at: usize, step: f64) -> Option<f64> {
        let from = self.reached[at];
        let crosses = self.problem.is_penalised(at) && (from + step) * from < 0.0;
        crosses.then(|| -from / step)
    }

    /// Where a share of a step leads: coefficients that would change their sign stay at 0.
    fn moves(&self, active: &[usize], step: &[f64], share: f64) -> Vec<(usize, f64)> {
        let reach = |(&at, &step): (&usize, &f64)| {
            let is_over = self.crossing(at, step).is_some_and(|crossing| crossing <= share);
            (at, if is_over { 0.0 } else { self.reached[at] + share * step })
        };
        active.iter().zip(step).map(reach).collect()
    }

    /// By how much the quadratic model and the penalty rise with moves.
    fn promise(&self, moves: &[(usize, f64)]) -> f64 {
        let mut rise = 0.0;
        for &(at, reached) in moves {
            let by = reached - self.reached[at];
            let row = self.curvature.row(at);
            let bent: f64 =
                moves.iter().map(|&(other, to)| row[other] * (to - self.reached[other])).sum();
            rise += by * (self.gradient[at] + 0.5 * bent);
            if self.problem.is_penalised(at) {
                rise += self.problem.l1 * (reached.abs() - self.reached[at].abs());
            }
        }
        rise
    }

    /// Makes moves.
    fn make(&mut self, moves: &[(usize, f64)]) {
        for &(at, reached) in moves {
            self.shift(at, reached - self.reached[at]);
            self.reached[at] = reached;
        }
    }
}
