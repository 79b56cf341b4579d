//! What is done to gradients before a step, and to weights after it.

use tch::{TchError, Tensor};

use super::network::Network;
use crate::engine::{Member, Regularisers};

/// The regularisers of k members that look at parameters; each `None` if no member has it.
#[derive(Debug)]
pub(super) struct OnParameters {
    /// `[k, 1]`, 0 where a member has none.
    l1: Option<Tensor>,
    /// `[k, 1]`, infinite where a member has none.
    clip_grad_norm: Option<Tensor>,
    /// `[k, 1]`, infinite where a member has none.
    max_norm: Option<Tensor>,
}

impl OnParameters {
    /// Those of the members of `network`.
    pub fn new(members: &[Member], network: &Network) -> Result<Self, TchError> {
        const NONE: f64 = f64::INFINITY;
        let column = |value: fn(&Regularisers) -> f64, without: f64| {
            let values = members.iter().map(|member| value(&member.regularisers));
            if values.clone().all(|value| value.to_bits() == without.to_bits()) {
                return Ok(None);
            }
            let values: Vec<f32> = values.map(|value| value as f32).collect();
            let column = Tensor::f_from_slice(&values)?.f_view([-1, 1])?;
            column.f_to_device(network.parameters.device()).map(Some)
        };
        Ok(Self {
            l1: column(|how| how.l1, 0.0)?,
            clip_grad_norm: column(|how| how.clip_grad_norm.unwrap_or(NONE), NONE)?,
            max_norm: column(|how| how.max_norm.unwrap_or(NONE), NONE)?,
        })
    }

    /// Keeps the members at `places`, i64.
    pub fn retain(&mut self, places: &Tensor) -> Result<(), TchError> {
        let tensors = [&mut self.l1, &mut self.clip_grad_norm, &mut self.max_norm];
        for kept in tensors.into_iter().flatten() {
            *kept = kept.f_index_select(0, places)?;
        }
        Ok(())
    }

    /// The same with its tensors elsewhere.
    #[cfg(test)]
    pub fn mapped(&self, map: impl Fn(&Tensor) -> Tensor) -> Self {
        let mapped = |tensor: &Option<Tensor>| tensor.as_ref().map(&map);
        Self {
            l1: mapped(&self.l1),
            clip_grad_norm: mapped(&self.clip_grad_norm),
            max_norm: mapped(&self.max_norm),
        }
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

    /// Changes the weights that a step has made.
    pub fn after_step(&self, network: &mut Network) -> Result<(), TchError> {
        let Some(most) = &self.max_norm else { return Ok(()) };
        // [k, 1] -> [k, 1, 1]
        let most = most.f_unsqueeze(-1)?;
        for weight in network.hidden_weights() {
            let norms = weight.f_norm_scalaropt_dim(2, [1].as_slice(), true)?;
            let _ = weight.f_mul_(&shrinking(&norms, &most)?)?;
        }
        Ok(())
    }
}

/// most / norm where the norm is longer, else 1.
fn shrinking(norms: &Tensor, most: &Tensor) -> Result<Tensor, TchError> {
    most.f_div(norms)?.f_masked_fill(&norms.f_le_tensor(most)?, 1.0)
}
