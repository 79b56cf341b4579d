//! Activations, forward and backward.

use tch::{TchError, Tensor};

use crate::network::Activation;

/// Applies the activation to `input`, of any shape.
pub(super) fn forward(activation: Activation, input: &Tensor) -> Result<Tensor, TchError> {
    match activation {
        // Not f_relu: libtorch's own has no form for tensors without data, which a test runs on.
        Activation::Relu => input.f_clamp_min(0),
        Activation::Tanh => input.f_tanh(),
        Activation::Sigmoid => input.f_sigmoid(),
        Activation::Gelu => input.f_gelu("none"),
        Activation::Silu => input.f_silu(),
    }
}

/// The gradient at the activation's input, from the one at its output.
pub(super) fn backward(
    activation: Activation,
    gradient: &Tensor,
    input: &Tensor,
    output: &Tensor,
) -> Result<Tensor, TchError> {
    match activation {
        Activation::Relu => output.f_threshold_backward(gradient, 0),
        Activation::Tanh => Tensor::f_tanh_backward(gradient, output),
        Activation::Sigmoid => Tensor::f_sigmoid_backward(gradient, output),
        Activation::Gelu => input.f_gelu_backward(gradient, "none"),
        Activation::Silu => input.f_silu_backward(gradient),
    }
}
