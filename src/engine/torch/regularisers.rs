//! What is done to gradients before a step, and to weights behind it.

use tch::{TchError, Tensor};

use super::network::Network;
use crate::engine::{Member, Regularisers};

/// The regularisers of k members that look at parameters; each nothing when no member has it.
#[derive(Debug)]
pub(super) struct OnParameters {
    /// `[k, 1]`, 0 where a member has none.
    l1: Option<Tensor>,
    /// `[k, 1]`, infinite where a member has none.
    clip_grad_norm: Option<Tensor>,
}

impl OnParameters {
    /// Those of the members of `network`.
    pub fn new(members: &[Member], network: &Network) -> Result<Self, TchError> {
        let column = |value: fn(&Regularisers) -> f64, without: f64| {
            let values = members.iter().map(|member| value(&member.regularisers));
            if values.clone().all(|value| value.to_bits() == without.to_bits()) {
                return Ok(None);
            }
            let values: Vec<f32> = values.map(|value| value as f32).collect();
            let column = Tensor::f_from_slice(&values)?.f_view([-1, 1])?;
            column.f_to_device(network.parameters.device()).map(Some)
        };
        const NONE: f64 = f64::INFINITY;
        Ok(Self {
            l1: column(|how| how.l1, 0.0)?,
            clip_grad_norm: column(|how| how.clip_grad_norm.unwrap_or(NONE), NONE)?,
        })
    }

    /// Keeps the members at `places`, i64.
    pub fn retain(&mut self, places: &Tensor) -> Result<(), TchError> {
        for kept in [&mut self.l1, &mut self.clip_grad_norm].into_iter().flatten() {
            *kept = kept.f_index_select(0, places)?;
        }
        Ok(())
    }

    /// The same with its tensors elsewhere.
    #[cfg(test)]
    pub fn mapped(&self, map: impl Fn(&Tensor) -> Tensor) -> Self {
        let mapped = |tensor: &Option<Tensor>| tensor.as_ref().map(&map);
        Self { l1: mapped(&self.l1), clip_grad_norm: mapped(&self.clip_grad_norm) }
    }

    /// Changes the gradients that a step takes.
    pub fn before_step(&self, network: &mut Network) -> Result<(), TchError> {
        if let Some(l1) = &self.l1 {
            let signs = network.parameters.f_sign()?;
            let _ = network.gradients.f_addcmul_(&signs, l1)?;
        }
        if let Some(most) = &self.clip_grad_norm {
            let norms = network.gradients.f_norm_scalaropt_dim(2, [1].as_slice(), true)?;
            let factors = shrinking(&norms.f_add_scalar(1e-6)?, most)?;
            let _ = network.gradients.f_mul_(&factors)?;
        }
        Ok(())
    }
}

/// most / norm where the norm is longer, else 1.
fn shrinking(norms: &Tensor, most: &Tensor) -> Result<Tensor, TchError> {
    most.f_div(norms)?.f_masked_fill(&norms.f_le_tensor(most)?, 1.0)
}
