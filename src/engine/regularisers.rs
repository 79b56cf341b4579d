//! What keeps a network from learning its train rows by heart, beside weight decay and dropout.

/// A network's own regularisers. The default is none of them.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Regularisers {
    /// `label_smoothing` of `torch.nn.CrossEntropyLoss`, in [0, 1): how much of a row's target is
    /// spread evenly over all classes.
    pub label_smoothing: f64,
    /// Focal loss (Lin et al. 2017): a row's cross-entropy counts (1 - p)^gamma, p its class's
    /// probability, so that rows that are predicted well count little. 0 for the cross-entropy itself;
    /// above 0 it does not go together with label smoothing.
    pub focal_gamma: f64,
    /// The loss grows by l1 · Σ |parameter|, over all weights and biases.
    pub l1: f64,
    /// `torch.nn.utils.clip_grad_norm_`: the gradient of the loss, the L1 term in it but no weight
    /// decay, is scaled down to this 2-norm over all parameters where it is longer.
    pub clip_grad_norm: Option<f64>,
    /// After every step the weights into each hidden unit, its bias not among them, are scaled down
    /// to this 2-norm where they are longer (Srivastava et al. 2014).
    pub max_norm: Option<f64>,
    /// Standard deviation of the normal noise that a step adds to every input.
    pub input_noise: f64,
}
