//! Logistic regression, as scikit-learn's `LogisticRegression`: multinomial, and binomial for two
//! classes, with an L2, an L1, or an elastic-net penalty.
//!
//! What is minimised is scikit-learn's: C times the weighted sum of the rows' log losses, plus
//! `(1 - l1_ratio) / 2` times the sum of the squared coefficients and `l1_ratio` times the sum of
//! their absolute values. Intercepts are not penalised. The solution is scikit-learn's too, reached
//! by other means: Newton's method, whose steps solve for all coefficients at once, so that a dozen
//! of them do.
//!
//! All is computed in 64 bits, and in an order that depends neither on threads nor on the processor.

// Vectors are registers only where everything on the way is inlined; and lanes are counted.
#![allow(clippy::inline_always, clippy::needless_range_loop)]

mod cholesky;
mod conjugate;
mod curvature;
mod error;
mod lasso;
mod linear;
mod lines;
mod margins;
mod memory;
mod probabilities;
mod problem;
mod products;
mod pull;
mod settings;
mod solver;

pub use error::LogisticError;
pub use linear::Linear;
pub use memory::memory;
pub use settings::Settings;
pub use solver::{Solver, Step};

#[cfg(test)]
mod tests;
