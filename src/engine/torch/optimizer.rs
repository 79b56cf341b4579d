//! Optimizers over all parameters of a pack, as PyTorch defines them, one step size a member.

use tch::{Device, Kind, TchError, Tensor};

use crate::engine::{Member, OptimizerSettings, RateFactors};

/// The members' learning rates in an epoch of so many steps, `[k, steps]`, or `[k, 1]` where no
/// member's changes.
pub(super) fn rates(
    members: &[Member],
    factors: &[RateFactors],
    steps: usize,
    device: Device,
) -> Result<Tensor, TchError> {
    let changing = factors.iter().any(|factors| matches!(factors, RateFactors::Steps(_)));
    let columns = if changing { steps } else { 1 };
    let mut rates = Vec::with_capacity(members.len() * columns);
    for (member, factors) in members.iter().zip(factors) {
        rates.extend((0..columns).map(|step| (member.learning_rate * factors.of(step)) as f32));
    }
    Tensor::f_from_slice(&rates)?.f_view([-1, columns as i64])?.f_to_device(device)
}

/// State of one optimizer for k members.
#[derive(Debug)]
pub(super) struct Optimizer {
    settings: OptimizerSettings,
    /// `[k, 1]`, or `None` if no member decays.
    weight_decay: Option<Tensor>,
    steps: i32,
    /// Momentum buffer, or first moment, `[k, parameters]`.
    first: Tensor,
    /// Mean square, or second moment, `[k, parameters]`.
    second: Tensor,
}

impl Optimizer {
    /// A fresh state for `members` with parameters like `parameters` `[k, parameters]`.
    pub fn new(
        settings: OptimizerSettings,
        members: &[Member],
        parameters: &Tensor,
    ) -> Result<Self, TchError> {
        let column = |value: fn(&Member) -> f64| {
            let values: Vec<f32> = members.iter().map(|member| value(member) as f32).collect();
            Tensor::f_from_slice(&values)?.f_view([-1, 1])?.f_to_device(parameters.device())
        };
        let decays = members.iter().any(|member| member.weight_decay > 0.0);
        Ok(Self {
            settings,
            weight_decay: decays.then(|| column(|member| member.weight_decay)).transpose()?,
            steps: 0,
            first: parameters.f_zeros_like()?,
            second: parameters.f_zeros_like()?,
        })
    }

    /// Keeps the members at `places`, i64.
    pub fn retain(&mut self, places: &Tensor) -> Result<(), TchError> {
        let kept = |state: &Tensor| state.f_index_select(0, places);
        self.weight_decay = self.weight_decay.as_ref().map(kept).transpose()?;
        self.first = kept(&self.first)?;
        self.second = kept(&self.second)?;
        Ok(())
    }

    /// The same optimizer with its tensors elsewhere.
    #[cfg(test)]
    pub fn mapped(&self, map: impl Fn(&Tensor) -> Tensor) -> Self {
        Self {
            settings: self.settings,
            weight_decay: self.weight_decay.as_ref().map(&map),
            steps: self.steps,
            first: map(&self.first),
            second: map(&self.second),
        }
    }

    /// One step: changes `parameters` by `gradients`, both `[k, parameters]`, at `rates` `[k, 1]`.
    pub fn step(
        &mut self,
        parameters: &mut Tensor,
        gradients: &Tensor,
        rates: &Tensor,
    ) -> Result<(), TchError> {
        self.steps = self.steps.saturating_add(1);
        let gradients = self.decay(parameters, gradients, rates)?;
        let change = match self.settings {
            OptimizerSettings::Sgd { momentum, nesterov } => {
                self.sgd(gradients, momentum, nesterov)?
            }
            OptimizerSettings::Adam { betas, eps, .. } => self.adam(&gradients, betas, eps)?,
            OptimizerSettings::RmsProp { alpha, eps, momentum } => {
                self.rmsprop(&gradients, alpha, eps, momentum)?
            }
        };
        let _ = parameters.f_sub_(&change.f_mul(rates)?)?;
        Ok(())
    }

    /// Weight decay: added to the gradient, or, decoupled, taken off the parameters.
    fn decay(
        &self,
        parameters: &mut Tensor,
        gradients: &Tensor,
        rates: &Tensor,
    ) -> Result<Tensor, TchError> {
        let Some(weight_decay) = &self.weight_decay else {
            return Ok(gradients.shallow_clone());
        };
        if let OptimizerSettings::Adam { decoupled: true, .. } = self.settings {
            let kept = rates.f_mul(weight_decay)?.f_neg()?.f_add_scalar(1)?;
            let _ = parameters.f_mul_(&kept)?;
            return Ok(gradients.shallow_clone());
        }
        gradients.f_add(&parameters.f_mul(weight_decay)?)
    }

    fn sgd(
        &mut self,
        gradients: Tensor,
        momentum: f64,
        nesterov: bool,
    ) -> Result<Tensor, TchError> {
        if momentum == 0.0 {
            return Ok(gradients);
        }
        // The buffer starts as the first gradient; from zeros, the same formula gives that.
        self.first = self.first.f_mul_scalar_(momentum)?.f_add_(&gradients)?;
        if nesterov {
            return gradients.f_add(&self.first.f_mul_scalar(momentum)?);
        }
        Ok(self.first.shallow_clone())
    }

    fn adam(
        &mut self,
        gradients: &Tensor,
        (beta1, beta2): (f64, f64),
        eps: f64,
    ) -> Result<Tensor, TchError> {
        self.first = self.first.f_lerp_(gradients, 1.0 - beta1)?;
        self.mean_square(gradients, beta2)?;
        let correction1 = 1.0 - beta1.powi(self.steps);
        let correction2 = 1.0 - beta2.powi(self.steps);
        let root = self.second.f_sqrt()?.f_mul_scalar_(1.0 / correction2.sqrt())?;
        let denominator = { root }.f_add_scalar_(eps)?;
        self.first.f_div(&denominator)?.f_mul_scalar_(1.0 / correction1)
    }

    fn rmsprop(
        &mut self,
        gradients: &Tensor,
        alpha: f64,
        eps: f64,
        momentum: f64,
    ) -> Result<Tensor, TchError> {
        self.mean_square(gradients, alpha)?;
        let denominator = self.second.f_sqrt()?.f_add_scalar_(eps)?;
        let change = gradients.f_div(&denominator)?;
        if momentum == 0.0 {
            return Ok(change);
        }
        self.first = self.first.f_mul_scalar_(momentum)?.f_add_(&change)?;
        Ok(self.first.shallow_clone())
    }

    /// second = decay * second + (1 - decay) * gradients²
    fn mean_square(&mut self, gradients: &Tensor, decay: f64) -> Result<(), TchError> {
        let square = gradients.f_square()?.f_mul_scalar_(1.0 - decay)?;
        self.second = self.second.f_mul_scalar_(decay)?.f_add_(&square)?;
        debug_assert_eq!(self.second.kind(), Kind::Float);
        Ok(())
    }
}
