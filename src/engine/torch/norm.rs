//! Norms of the hidden layers, forward and backward by hand.

use tch::{Kind, TchError, Tensor};

use crate::network::{NORM_EPS, NORM_MOMENTUM};

/// The norm of a hidden layer of k networks, as views into their flat numbers and gradients.
#[derive(Debug)]
pub(super) struct NormLayer {
    /// `[k, 1, units]`.
    pub weight: Tensor,
    /// `[k, 1, units]`.
    pub bias: Tensor,
    pub weight_gradient: Tensor,
    pub bias_gradient: Tensor,
    /// A batch norm's running statistics.
    pub running: Option<Running>,
}

/// Running statistics of a batch norm.
#[derive(Debug)]
pub(super) struct Running {
    /// `[k, 1, units]`.
    pub mean: Tensor,
    /// `[k, 1, units]`.
    pub var: Tensor,
    /// `[k, 1, 1]`.
    pub batches: Tensor,
}

/// What the backward pass, and the running statistics, need of a forward pass.
#[derive(Debug)]
pub(super) struct NormTrace {
    /// Distances from the mean in standard deviations, `[k, rows, units]`.
    normed: Tensor,
    /// One over the standard deviation, `[k, 1, units]` or `[k, rows, 1]`.
    scale: Tensor,
    /// The dimension over which mean and variance were taken; nothing by running ones.
    over: Option<i64>,
    /// These mean and variance, of the same shape as the scale.
    statistics: (Tensor, Tensor),
}

impl NormLayer {
    /// Norms `[k, rows, units]`, as in a step or with weights at rest.
    pub fn forward(&self, values: &Tensor, in_step: bool) -> Result<(Tensor, NormTrace), TchError> {
        let in_step = in_step && values.size3()?.1 > 1;
        let (over, mean, var) = match &self.running {
            Some(Running { mean, var, .. }) if !in_step => {
                (None, mean.shallow_clone(), var.shallow_clone())
            }
            running => {
                let over = if running.is_some() { 1 } else { 2 };
                let middle = mean(values, over)?;
                let var = mean(&values.f_sub(&middle)?.f_square()?, over)?;
                (Some(over), middle, var)
            }
        };
        // Of an infinite variance no number, so that the loss tells of it.
        let scale = var.f_add_scalar(NORM_EPS)?.f_rsqrt()?.f_add(&var.f_sub(&var)?)?;
        let normed = values.f_sub(&mean)?.f_mul(&scale)?;
        let output = normed.f_mul(&self.weight)?.f_add(&self.bias)?;
        Ok((output, NormTrace { normed, scale, over, statistics: (mean, var) }))
    }

    /// The gradient at the values that were normed, from the one at the output; writes those of weight
    /// and bias.
    pub fn backward(&self, trace: &NormTrace, gradient: &Tensor) -> Result<Tensor, TchError> {
        let NormTrace { normed, scale, over, .. } = trace;
        let sum = |of: &Tensor, out: &Tensor| {
            of.f_sum_intlist_out(out, [1].as_slice(), true, Kind::Float).map(|_| ())
        };
        sum(gradient, &self.bias_gradient)?;
        sum(&gradient.f_mul(normed)?, &self.weight_gradient)?;
        let gradient = gradient.f_mul(&self.weight)?;
        let Some(over) = *over else { return gradient.f_mul(scale) };
        let slope = mean(&gradient.f_mul(normed)?, over)?;
        let along = normed.f_mul(&slope)?.f_add(&mean(&gradient, over)?)?;
        gradient.f_sub(&along)?.f_mul(scale)
    }

    /// Lets the rows of a step into the running statistics.
    pub fn track(&self, trace: &NormTrace) -> Result<(), TchError> {
        let Some(running) = self.running.as_ref().filter(|_| trace.over.is_some()) else {
            return Ok(());
        };
        let rows = trace.normed.size3()?.1 as f64;
        let unbiased = trace.statistics.1.f_mul_scalar(rows / (rows - 1.0))?;
        let pairs = [(&running.mean, &trace.statistics.0), (&running.var, &unbiased)];
        for (running, step) in pairs {
            let _ = running.shallow_clone().f_lerp_(step, NORM_MOMENTUM)?;
        }
        let _ = running.batches.shallow_clone().f_add_scalar_(1)?;
        Ok(())
    }
}

fn mean(values: &Tensor, over: i64) -> Result<Tensor, TchError> {
    values.f_mean_dim([over].as_slice(), true, Kind::Float)
}
