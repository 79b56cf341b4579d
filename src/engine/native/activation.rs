//! Activations on the outputs of a layer: values, and slopes for the way back.

use pulp::{Simd, WithSimd};

use super::functions::{normal, sigmoid, tanh};
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
    /// Where to write the outputs' derivatives by the sums; nothing when only values are wanted.
    pub slopes: Option<PanelsMut<'a>>,
}

impl WithSimd for Activate<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match self.activation {
            Activation::Relu => self.each::<S>(|x| relu(simd, x)),
            Activation::Tanh => self.each::<S>(|x| {
                let y = tanh(simd, x);
                let slope = simd.mul_f32s(y, simd.neg_f32s(y));
                (y, simd.add_f32s(slope, simd.splat_f32s(1.0)))
            }),
            Activation::Sigmoid => self.each::<S>(|x| {
                let y = sigmoid(simd, x);
                (y, simd.mul_f32s(y, simd.sub_f32s(simd.splat_f32s(1.0), y)))
            }),
            Activation::Gelu => self.each::<S>(|x| {
                // x Φ(x), and Φ(x) + x φ(x).
                let (density, below) = normal(simd, x);
                (simd.mul_f32s(x, below), simd.mul_add_f32s(x, density, below))
            }),
            Activation::Silu => self.each::<S>(|x| {
                // x σ(x), and σ(x) + x σ(x) (1 - σ(x)).
                let gate = sigmoid(simd, x);
                let y = simd.mul_f32s(x, gate);
                let closed = simd.sub_f32s(simd.splat_f32s(1.0), gate);
                (y, simd.mul_add_f32s(y, closed, gate))
            }),
        }
    }
}

/// max(x, 0), and 1 where x is positive.
#[inline(always)]
fn relu<S: Simd>(simd: S, x: S::f32s) -> (S::f32s, S::f32s) {
    let (zero, one) = (simd.splat_f32s(0.0), simd.splat_f32s(1.0));
    let y = simd.select_f32s(simd.less_than_f32s(x, zero), zero, x);
    (y, simd.select_f32s(simd.greater_than_f32s(x, zero), one, zero))
}

impl Activate<'_> {
    /// Applies `function`, which gives value and slope, to every vector.
    #[inline(always)]
    fn each<S: Simd>(mut self, function: impl Fn(S::f32s) -> (S::f32s, S::f32s)) {
        let Some(mut slopes) = self.slopes else {
            for values in self.values.filled(self.rows).flatten() {
                values.lanes_mut::<S>().iter_mut().for_each(|value| *value = function(*value).0);
            }
            return;
        };
        let lines = self.values.filled(self.rows).flatten().zip(slopes.filled(self.rows).flatten());
        for (values, slopes) in lines {
            let slopes = slopes.lanes_mut::<S>();
            for (value, slope) in values.lanes_mut::<S>().iter_mut().zip(slopes) {
                (*value, *slope) = function(*value);
            }
        }
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
        let lines = self.values.filled(self.rows).zip(self.factors.filled(self.rows));
        for (values, factors) in lines.flat_map(|(values, factors)| values.iter_mut().zip(factors))
        {
            for (value, &factor) in values.lanes_mut::<S>().iter_mut().zip(factors.lanes::<S>()) {
                *value = simd.mul_f32s(*value, factor);
            }
        }
    }
}
