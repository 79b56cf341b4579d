//! Activations on the outputs of a layer: values, and slopes for the backward pass.

use pulp::{Simd, WithSimd};

use super::functions::{normal, select, sigmoid, tanh};
use super::panels::{Panels, PanelsMut};
use crate::network::Activation;

/// Turns a layer's sums into its outputs, in place.
#[derive(Debug)]
pub(super) struct Activate<'a> {
    /// The activation.
    pub activation: Activation,
    /// Rows to compute.
    pub rows: usize,
    /// Sums, then outputs.
    pub values: PanelsMut<'a>,
    /// Where to write the outputs' derivatives by the sums; `None` if only values are wanted.
    pub slopes: Option<PanelsMut<'a>>,
}

impl WithSimd for Activate<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match self.activation {
            Activation::Relu => self.each(simd, Relu),
            Activation::Tanh => self.each(simd, Tanh),
            Activation::Sigmoid => self.each(simd, Sigmoid),
            Activation::Gelu => self.each(simd, Gelu),
            Activation::Silu => self.each(simd, Silu),
        }
    }
}

impl Activate<'_> {
    /// Applies a function to every vector.
    #[inline(always)]
    fn each<S: Simd>(mut self, simd: S, function: impl Function) {
        let panels = self.values.lines.len() / self.values.rows;
        for panel in 0..panels {
            let values = &mut self.values.panel(panel)[..self.rows];
            let Some(slopes) = &mut self.slopes else {
                for values in values {
                    for value in values.lanes_mut::<S>() {
                        *value = function.at(simd, *value).0;
                    }
                }
                continue;
            };
            for (values, slopes) in values.iter_mut().zip(&mut slopes.panel(panel)[..self.rows]) {
                let slopes = slopes.lanes_mut::<S>();
                for (value, slope) in values.lanes_mut::<S>().iter_mut().zip(slopes) {
                    (*value, *slope) = function.at(simd, *value);
                }
            }
        }
    }
}

/// An activation on one vector. (Not a closure: one of this size would stay a call, compiled without
/// the instruction set.)
trait Function: Copy {
    /// Value and slope at `x`.
    fn at<S: Simd>(self, simd: S, x: S::f32s) -> (S::f32s, S::f32s);
}

/// max(x, 0); the slope is 1 where x is positive.
#[derive(Clone, Copy)]
struct Relu;

impl Function for Relu {
    #[inline(always)]
    fn at<S: Simd>(self, simd: S, x: S::f32s) -> (S::f32s, S::f32s) {
        let (zero, one) = (simd.splat_f32s(0.0), simd.splat_f32s(1.0));
        let y = select(simd, simd.less_than_f32s(x, zero), zero, x);
        (y, select(simd, simd.greater_than_f32s(x, zero), one, zero))
    }
}

#[derive(Clone, Copy)]
struct Tanh;

impl Function for Tanh {
    #[inline(always)]
    fn at<S: Simd>(self, simd: S, x: S::f32s) -> (S::f32s, S::f32s) {
        let y = tanh(simd, x);
        (y, simd.sub_f32s(simd.splat_f32s(1.0), simd.mul_f32s(y, y)))
    }
}

#[derive(Clone, Copy)]
struct Sigmoid;

impl Function for Sigmoid {
    #[inline(always)]
    fn at<S: Simd>(self, simd: S, x: S::f32s) -> (S::f32s, S::f32s) {
        let y = sigmoid(simd, x);
        (y, simd.mul_f32s(y, simd.sub_f32s(simd.splat_f32s(1.0), y)))
    }
}

/// x Φ(x), and Φ(x) + x φ(x).
#[derive(Clone, Copy)]
struct Gelu;

impl Function for Gelu {
    #[inline(always)]
    fn at<S: Simd>(self, simd: S, x: S::f32s) -> (S::f32s, S::f32s) {
        let (density, below) = normal(simd, x);
        (simd.mul_f32s(x, below), simd.mul_add_f32s(x, density, below))
    }
}

/// x σ(x), and σ(x) + x σ(x) (1 - σ(x)).
#[derive(Clone, Copy)]
struct Silu;

impl Function for Silu {
    #[inline(always)]
    fn at<S: Simd>(self, simd: S, x: S::f32s) -> (S::f32s, S::f32s) {
        let gate = sigmoid(simd, x);
        let y = simd.mul_f32s(x, gate);
        let closed = simd.sub_f32s(simd.splat_f32s(1.0), gate);
        (y, simd.mul_add_f32s(y, closed, gate))
    }
}

/// Multiplies elementwise: dropout on values and on slopes.
#[derive(Debug)]
pub(super) struct Multiply<'a> {
    /// Rows to compute.
    pub rows: usize,
    /// Multiplied in place.
    pub values: PanelsMut<'a>,
    /// By these.
    pub factors: Panels<'a>,
}

impl WithSimd for Multiply<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        for panel in 0..self.values.lines.len() / self.values.rows {
            let values = &mut self.values.panel(panel)[..self.rows];
            for (values, factors) in values.iter_mut().zip(self.factors.panel(panel)) {
                let factors = factors.lanes::<S>();
                for (value, &factor) in values.lanes_mut::<S>().iter_mut().zip(factors) {
                    *value = simd.mul_f32s(*value, factor);
                }
            }
        }
    }
}
