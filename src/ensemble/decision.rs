//! From probabilities to a predicted class.

use serde::{Deserialize, Serialize};

use super::temperature::{is_temperature, tempered};

/// How a model's outputs become calibrated probabilities and a class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The log-probabilities are divided by it (Guo et al. 2017): above 1 the model was too sure.
    pub temperature: f64,
    /// `[classes]`, above 0, which add up to 1: the predicted class is the one whose probability is the largest in
    /// parts of its threshold. Of two classes, the one whose threshold is reached. `None` if the
    /// most probable class is predicted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thresholds: Option<Vec<f64>>,
}

impl Default for Decision {
    fn default() -> Self {
        Self { temperature: 1.0, thresholds: None }
    }
}

impl Decision {
    /// Whether it is one that could have been chosen for that many classes.
    pub fn is_sound(&self, classes: usize) -> bool {
        let between = |share: &f64| *share > 0.0 && *share <= 1.0;
        let thresholds = self.thresholds.as_ref();
        is_temperature(self.temperature)
            && thresholds.is_none_or(|all| all.len() == classes && all.iter().all(between))
    }

    /// Whether probabilities are changed before they are given.
    pub fn is_calibrated(&self) -> bool {
        (self.temperature - 1.0).abs() > 0.0
    }

    /// Log-probabilities `[rows, classes]` at the temperature.
    pub fn tempered(&self, logs: Vec<f64>, classes: usize) -> Vec<f64> {
        tempered(logs, classes, self.temperature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temperature_above_one_brings_probabilities_together_and_keeps_their_order() {
        let logs = || [0.7_f64, 0.2, 0.1].map(f64::ln).to_vec();
        let told = |temperature| {
            let logs = Decision { temperature, thresholds: None }.tempered(logs(), 3);
            logs.into_iter().map(f64::exp).collect::<Vec<f64>>()
        };
        let close = |ours: &[f64], theirs: [f64; 3]| {
            ours.iter().zip(theirs).all(|(ours, theirs)| (ours - theirs).abs() < 1e-12)
        };
        assert!(close(&told(1.0), [0.7, 0.2, 0.1]));
        // Square roots, in parts of their sum.
        let roots = [0.7_f64, 0.2, 0.1].map(f64::sqrt);
        let sum: f64 = roots.iter().sum();
        assert!(close(&told(2.0), roots.map(|root| root / sum)));
    }

    #[test]
    fn what_no_choice_would_come_to_is_not_sound() {
        let decision = |temperature, thresholds| Decision { temperature, thresholds };
        assert!(Decision::default().is_sound(3));
        assert!(decision(2.0, Some(vec![0.5, 0.3, 0.2])).is_sound(3));
        for wrong in [
            decision(f64::NAN, None),
            decision(0.0, None),
            decision(1e9, None),
            decision(1.0, Some(vec![0.5, 0.5])),
            decision(1.0, Some(vec![0.5, 0.5, 0.0])),
            decision(1.0, Some(vec![0.5, f64::NAN, 0.5])),
        ] {
            assert!(!wrong.is_sound(3), "{wrong:?}");
        }
    }
}
