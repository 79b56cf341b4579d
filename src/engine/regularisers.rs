//! What keeps a network from learning its train rows by heart, beside weight decay and dropout.

/// A network's own regularisers. The default is none of them.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Regularisers {
    /// `label_smoothing` of `torch.nn.CrossEntropyLoss`, in [0, 1): how much of a row's target is
    /// spread evenly over all classes.
    pub label_smoothing: f64,
}
