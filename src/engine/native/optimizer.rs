//! Optimizers: one pass over parameters, gradients and state.

use pulp::{Simd, WithSimd};

use super::functions::{abs, select};
use super::panels::Line;
use crate::engine::{Member, OptimizerSettings};

/// An optimizer's running means of one network.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// Adam's betas to the power of the steps taken.
    powers: (f64, f64),
    /// Momentum, or the mean of the gradients.
    first: Vec<Line>,
    /// Mean of the squared gradients.
    second: Vec<Line>,
}

impl State {
    /// Before the first step, for parameters of so many lines.
    pub fn new(lines: usize) -> Self {
        let zeros = vec![Line::default(); lines];
        Self { powers: (1.0, 1.0), first: zeros.clone(), second: zeros }
    }
}

/// One step: changes `parameters` by `gradients`.
#[derive(Debug)]
pub(super) struct Step<'a> {
    /// The optimizer.
    pub settings: OptimizerSettings,
    /// The step's learning rate.
    pub learning_rate: f64,
    /// Weight decay.
    pub member: &'a Member,
    /// Its running means.
    pub state: &'a mut State,
    /// The network's weights and biases; what lies beyond the gradients stays.
    pub parameters: &'a mut [Line],
    /// Of the loss, by the parameters.
    pub gradients: &'a [Line],
}

impl WithSimd for Step<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let splat = |value: f64| simd.splat_f32s(value as f32);
        let rate = splat(-self.learning_rate);
        match self.settings {
            OptimizerSettings::Sgd { momentum, nesterov } => {
                let by = splat(momentum);
                self.each(simd, |weight, gradient, first, _| {
                    // The buffer starts as the first gradient; from zeros, the formula gives that.
                    *first = simd.mul_add_f32s(*first, by, gradient);
                    let ahead = simd.mul_add_f32s(*first, by, gradient);
                    let change = if nesterov { ahead } else { *first };
                    simd.mul_add_f32s(change, rate, weight)
                });
            }
            OptimizerSettings::Adam { betas: (beta1, beta2), eps, .. } => {
                let (power1, power2) = &mut self.state.powers;
                (*power1, *power2) = (*power1 * beta1, *power2 * beta2);
                let (correction1, correction2) = (1.0 - *power1, 1.0 - *power2);
                let rate = splat(-self.learning_rate / correction1);
                let (new1, old2, new2) = (splat(1.0 - beta1), splat(beta2), splat(1.0 - beta2));
                let (grown, eps) = (splat(1.0 / correction2.sqrt()), splat(eps));
                self.each(simd, |weight, gradient, first, second| {
                    let apart = simd.sub_f32s(gradient, *first);
                    *first = simd.mul_add_f32s(apart, new1, *first);
                    *second = mean_square(simd, gradient, *second, (old2, new2));
                    let root = simd.sqrt_f32s(*second);
                    let change = simd.div_f32s(*first, simd.mul_add_f32s(root, grown, eps));
                    simd.mul_add_f32s(change, rate, weight)
                });
            }
            OptimizerSettings::RmsProp { alpha, eps, momentum } => {
                let (old, new) = (splat(alpha), splat(1.0 - alpha));
                let (eps, by) = (splat(eps), splat(momentum));
                self.each(simd, |weight, gradient, first, second| {
                    *second = mean_square(simd, gradient, *second, (old, new));
                    let root = simd.add_f32s(simd.sqrt_f32s(*second), eps);
                    *first = simd.mul_add_f32s(*first, by, simd.div_f32s(gradient, root));
                    simd.mul_add_f32s(*first, rate, weight)
                });
            }
        }
    }
}

impl Step<'_> {
    /// Applies `update` to every vector of weights, after weight decay: added to the gradient, or,
    /// decoupled, taken off the weights.
    #[inline(always)]
    fn each<S: Simd>(
        self,
        simd: S,
        mut update: impl FnMut(S::f32s, S::f32s, &mut S::f32s, &mut S::f32s) -> S::f32s,
    ) {
        let decoupled = matches!(self.settings, OptimizerSettings::Adam { decoupled: true, .. });
        let (rate, decay) = (self.learning_rate, self.member.weight_decay);
        let kept = simd.splat_f32s(if decoupled { 1.0 - rate * decay } else { 1.0 } as f32);
        let added = simd.splat_f32s(if decoupled { 0.0 } else { decay } as f32);
        let least = simd.splat_f32s(f32::MIN_POSITIVE);
        // The root of a subnormal mean square is below 1.1e-19: nothing beside a usual eps.
        let least_square = if self.settings.eps() < 1e-12 { simd.splat_f32s(0.0) } else { least };
        let State { first, second, .. } = self.state;
        let lines = self.parameters.iter_mut().zip(self.gradients).zip(first).zip(second);
        for (((weights, gradients), first), second) in lines {
            let weights = weights.lanes_mut::<S>().iter_mut();
            let vectors = weights.zip(gradients.lanes::<S>());
            let vectors = vectors.zip(first.lanes_mut::<S>()).zip(second.lanes_mut::<S>());
            for (((weight, &gradient), first), second) in vectors {
                let gradient = simd.mul_add_f32s(*weight, added, gradient);
                let moved = update(simd.mul_f32s(*weight, kept), gradient, first, second);
                *weight = flush(simd, moved, least);
                *first = flush(simd, *first, least);
                *second = flush(simd, *second, least_square);
            }
        }
    }
}

/// old · mean + new · gradient².
#[inline(always)]
fn mean_square<S: Simd>(
    simd: S,
    gradient: S::f32s,
    mean: S::f32s,
    (old, new): (S::f32s, S::f32s),
) -> S::f32s {
    simd.mul_add_f32s(mean, old, simd.mul_f32s(simd.mul_f32s(gradient, gradient), new))
}

/// Zero for a number closer to zero than `least`. The means of a unit that is dead, and weights that
/// only decay, shrink step by step to subnormal numbers, where arithmetic is many times as slow and
/// moves nothing: there they become zero.
#[inline(always)]
fn flush<S: Simd>(simd: S, value: S::f32s, least: S::f32s) -> S::f32s {
    let gone = simd.less_than_f32s(abs(simd, value), least);
    select(simd, gone, simd.splat_f32s(0.0), value)
}
