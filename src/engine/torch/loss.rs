//! Cross-entropy of logits, and the gradient of what a step minimises.

use tch::{Device, Kind, TchError, Tensor};

use crate::engine::{Member, PackPlan};

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

    /// What focal loss multiplies the gradient of each row's cross-entropy by, `[k, rows, 1]`:
    /// qᵞ (1 + γ p / q · loss), p the probability of the row's class, q = 1 - p. Exactly 1 where
    /// gamma `[k, 1, 1]` is 0.
    fn focal(&self, gamma: &Tensor) -> Result<Tensor, TchError> {
        let picked = self.log_probabilities.f_gather(-1, &self.labels, false)?;
        // Where nothing is left of q, the loss is 0 too.
        let q = picked.f_expm1()?.f_neg()?.f_clamp_min(f64::from(f32::MIN_POSITIVE))?;
        let second = picked.f_exp()?.f_mul(&picked)?.f_div(&q)?.f_mul(gamma)?;
        q.f_pow(gamma)?.f_mul(&second.f_neg()?.f_add_scalar(1)?)
    }
}

/// What the members' steps minimise: each member's mean cross-entropy, weighted and against smoothed
/// labels where it says so.
#[derive(Debug)]
pub(super) struct Objective {
    /// What rows of each class count, `[k, classes]`, or `None` if they all weigh the same for
    /// every member.
    class_weights: Option<Tensor>,
    /// What the softmax of a row of each class is to be, times its weight, in parts of that:
    /// `[k, classes, classes]`; `None` if no member smooths its labels.
    targets: Option<Tensor>,
    /// Focal loss's gamma, `[k, 1, 1]`; `None` if it is 0 for every member.
    focal_gamma: Option<Tensor>,
}

impl Objective {
    /// The mean cross-entropy itself.
    #[cfg(test)]
    pub const PLAIN: Self = Self { class_weights: None, targets: None, focal_gamma: None };

    /// What the members of a plan minimise.
    pub fn new(plan: &PackPlan, device: Device) -> Result<Self, TchError> {
        let (members, classes) = (&plan.members, plan.architecture.classes);
        let (k, width) = (members.len() as i64, classes as i64);
        let weighted = members.iter().any(|member| member.class_weights.is_some());
        let smoothed = members.iter().any(|member| member.regularisers.label_smoothing > 0.0);
        let focal = members.iter().any(|member| member.regularisers.focal_gamma > 0.0);
        let on_device = |values: Vec<f32>, shape: &[i64]| {
            Tensor::f_from_slice(&values)?.f_view(shape)?.f_to_device(device)
        };
        let weights = |member: &Member| match &member.class_weights {
            Some(weights) => weights.clone(),
            None => vec![1.0; classes],
        };
        let targets =
            |member: &Member| targets(&weights(member), member.regularisers.label_smoothing);
        let all_weights = || members.iter().flat_map(weights).collect();
        let gammas =
            || members.iter().map(|member| member.regularisers.focal_gamma as f32).collect();
        let all_targets = || members.iter().flat_map(targets).collect();
        Ok(Self {
            class_weights: weighted.then(|| on_device(all_weights(), &[k, width])).transpose()?,
            targets: smoothed.then(|| on_device(all_targets(), &[k, width, width])).transpose()?,
            focal_gamma: focal.then(|| on_device(gammas(), &[k, 1, 1])).transpose()?,
        })
    }

    /// Keeps the members at `places`, i64.
    pub fn retain(&mut self, places: &Tensor) -> Result<(), TchError> {
        let tensors = [&mut self.class_weights, &mut self.targets, &mut self.focal_gamma];
        for kept in tensors.into_iter().flatten() {
            *kept = kept.f_index_select(0, places)?;
        }
        Ok(())
    }

    /// The same with its tensors elsewhere.
    #[cfg(test)]
    pub fn mapped(&self, map: impl Fn(&Tensor) -> Tensor) -> Self {
        Self {
            class_weights: self.class_weights.as_ref().map(&map),
            targets: self.targets.as_ref().map(&map),
            focal_gamma: self.focal_gamma.as_ref().map(&map),
        }
    }

    /// Its gradient at the logits, `[k, rows, classes]`: (softmax - target) / rows, or times the
    /// row's weight of the weights of all.
    pub fn gradient(&self, scored: &Scored) -> Result<Tensor, TchError> {
        let labels = &scored.labels;
        let mut gradient = scored.log_probabilities.f_exp()?;
        if let Some(targets) = &self.targets {
            // [k, classes, classes] -> [k, rows, classes]
            let labels = labels.f_expand_as(&gradient)?;
            let targets = targets.f_gather(1, &labels, false)?;
            let sums = targets.f_sum_dim_intlist([-1].as_slice(), true, Kind::Float)?;
            gradient = gradient.f_mul_(&sums)?.f_sub_(&targets)?;
        } else {
            let minus_one = labels.f_full_like(-1)?.f_to_kind(Kind::Float)?;
            gradient = gradient.f_scatter_add_(-1, labels, &minus_one)?;
        }
        if let Some(gamma) = &self.focal_gamma {
            gradient = gradient.f_mul_(&scored.focal(gamma)?)?;
        }
        let Some(weights) = &self.class_weights else {
            return gradient.f_mul_scalar_(1.0 / labels.size()[1] as f64);
        };
        // [k, classes] -> [k, rows, 1]; in 64 bits, so that equal weights give the same bits as none.
        let weights = weights.f_gather(1, &labels.f_squeeze_dim(-1)?, false)?;
        let weights = weights.f_to_kind(Kind::Double)?.f_unsqueeze(-1)?;
        let totals = weights.f_sum_dim_intlist([1].as_slice(), true, Kind::Double)?;
        gradient.f_mul_(&weights.f_div(&totals)?.f_to_kind(Kind::Float)?)
    }
}

/// Targets of one member's rows by their class, `[classes, classes]`: of a row of class `y` at class
/// `c`, 1 - smoothing where they are the same, and smoothing / classes · weight of `c` / weight of `y`.
fn targets(weights: &[f32], smoothing: f64) -> Vec<f32> {
    let classes = weights.len();
    let target = |place: usize| {
        let (label, class) = (place / classes, place % classes);
        let hit = if label == class { 1.0 - smoothing } else { 0.0 };
        let ratio = f64::from(weights[class]) / f64::from(weights[label]);
        (hit + smoothing / classes as f64 * ratio) as f32
    };
    (0..classes * classes).map(target).collect()
}
