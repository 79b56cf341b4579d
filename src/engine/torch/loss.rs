//! Cross-entropy of logits, and its gradient.

use tch::{Kind, TchError, Tensor};

/// Cross-entropy and hits of a batch, for every member.
#[derive(Debug)]
pub(super) struct Scored {
    /// Log-probabilities, `[k, rows, classes]`.
    log_probabilities: Tensor,
    /// Labels, `[k, rows, 1]`.
    labels: Tensor,
    /// Predicted classes, `[k, rows]`.
    pub predicted: Tensor,
}

impl Scored {
    /// Scores `logits` `[k, rows, classes]` against `labels` `[k, rows]`.
    pub fn new(logits: &Tensor, labels: &Tensor) -> Result<Self, TchError> {
        Ok(Self {
            log_probabilities: logits.f_log_softmax(-1, None)?,
            labels: labels.f_unsqueeze(-1)?,
            predicted: logits.f_argmax(-1, false)?,
        })
    }

    /// Sum over the rows of the cross-entropy, `[k]`, f64: float sums of a million rows drift.
    pub fn loss_sum(&self) -> Result<Tensor, TchError> {
        let picked = self.log_probabilities.f_gather(-1, &self.labels, false)?;
        picked.f_sum_dim_intlist([1, 2].as_slice(), false, Kind::Double)?.f_neg()
    }

    /// Number of rows predicted right, `[k]`, f64.
    pub fn hits(&self) -> Result<Tensor, TchError> {
        let right = self.predicted.f_eq_tensor(&self.labels.f_squeeze_dim(-1)?)?;
        right.f_sum_dim_intlist([1].as_slice(), false, Kind::Double)
    }

    /// Gradient of each member's mean cross-entropy at the logits, `[k, rows, classes]`:
    /// (softmax - one-hot) / rows, or times the row's weight of the weights of all. `weights`
    /// `[k, classes]` are the classes', f32.
    pub fn gradient(&self, weights: Option<&Tensor>) -> Result<Tensor, TchError> {
        let rows = self.labels.size()[1] as f64;
        let minus_one = self.labels.f_full_like(-1)?.f_to_kind(Kind::Float)?;
        let mut gradient = self.log_probabilities.f_exp()?;
        let mut gradient = gradient.f_scatter_add_(-1, &self.labels, &minus_one)?;
        let Some(weights) = weights else { return gradient.f_mul_scalar_(1.0 / rows) };
        // [k, classes] -> [k, rows, 1]; in 64 bits, so that equal weights give the same bits as none.
        let weights = weights.f_gather(1, &self.labels.f_squeeze_dim(-1)?, false)?;
        let weights = weights.f_to_kind(Kind::Double)?.f_unsqueeze(-1)?;
        let totals = weights.f_sum_dim_intlist([1].as_slice(), true, Kind::Double)?;
        gradient.f_mul_(&weights.f_div(&totals)?.f_to_kind(Kind::Float)?)
    }
}
