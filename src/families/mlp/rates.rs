//! The learning rates of a network: what its schedule makes of them, step by step.

use std::f64::consts::FRAC_PI_2;

use crate::engine::RateFactors;
use crate::spec::{Cosine, LrSchedule, OneCycle, ReduceOnPlateau};

/// A reduction of no more than this is none, as in PyTorch.
const LEAST_REDUCTION: f64 = 1e-8;

/// The training of a network, as seen by its learning rates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateCourse {
    /// Step size, before the schedule.
    pub learning_rate: f64,
    /// Its outcome.
    pub lr_schedule: LrSchedule,
    /// Steps of an epoch.
    pub steps: usize,
    /// Its last epoch.
    pub epochs: u32,
}

/// The learning rates of a network in training.
#[derive(Debug, Clone)]
pub struct Rates {
    course: RateCourse,
    plateau: Plateau,
}

/// The state of a schedule that watches the validation loss.
#[derive(Debug, Clone)]
struct Plateau {
    rate: f64,
    best: f64,
    /// Epochs in a row without a lower loss.
    bad_epochs: u32,
}

impl Rates {
    /// Those of a network before its first epoch.
    pub fn new(course: &RateCourse) -> Self {
        let plateau = Plateau { rate: course.learning_rate, best: f64::INFINITY, bad_epochs: 0 };
        Self { course: *course, plateau }
    }

    /// The factors of the learning rate in an epoch, from 1.
    pub fn factors(&self, epoch: u32) -> RateFactors {
        match &self.course.lr_schedule {
            LrSchedule::Constant => RateFactors::ONE,
            LrSchedule::Step(step) => {
                let reductions = epoch.saturating_sub(1) / step.step_size.get();
                RateFactors::Epoch(step.gamma.get().powi(reductions as i32))
            }
            LrSchedule::Cosine(cosine) => {
                self.by_step(epoch, |step, steps| cosine_factor(cosine, step, steps))
            }
            LrSchedule::OneCycle(cycle) => {
                self.by_step(epoch, |step, steps| one_cycle_factor(cycle, step, steps))
            }
            LrSchedule::ReduceOnPlateau(_) => {
                RateFactors::Epoch(self.plateau.rate / self.course.learning_rate)
            }
        }
    }

    /// Takes in the validation loss after an epoch.
    pub fn observe(&mut self, valid_loss: f64) {
        if let LrSchedule::ReduceOnPlateau(settings) = &self.course.lr_schedule {
            self.plateau.observe(settings, valid_loss);
        }
    }

    /// `factor` of every step of an epoch: of its place among all steps, from 0, and their number.
    fn by_step(&self, epoch: u32, factor: impl Fn(f64, f64) -> f64) -> RateFactors {
        let RateCourse { steps, epochs, .. } = self.course;
        let all = steps as f64 * f64::from(epochs);
        let before = steps as f64 * f64::from(epoch.saturating_sub(1));
        RateFactors::Steps((0..steps).map(|step| factor(before + step as f64, all)).collect())
    }
}

impl Plateau {
    fn observe(&mut self, settings: &ReduceOnPlateau, loss: f64) {
        if loss < self.best * (1.0 - settings.threshold.get()) {
            (self.best, self.bad_epochs) = (loss, 0);
            return;
        }
        self.bad_epochs += 1;
        if self.bad_epochs > settings.patience {
            self.bad_epochs = 0;
            let reduced = (self.rate * settings.factor.get()).max(settings.min_lr.get());
            if self.rate - reduced > LEAST_REDUCTION {
                self.rate = reduced;
            }
        }
    }
}

/// Rises to 1 in the last step of the warm-up, and would come down to the final factor in the step
/// after the last.
fn cosine_factor(cosine: &Cosine, step: f64, steps: f64) -> f64 {
    let rising = (cosine.warmup.get() * steps).round();
    if step < rising {
        (step + 1.0) / rising
    } else {
        between(1.0, cosine.final_factor.get(), (step - rising) / (steps - rising))
    }
}

/// Rises to 1 up to the step `pct_start * steps - 1`, which may lie between two.
fn one_cycle_factor(cycle: &OneCycle, step: f64, steps: f64) -> f64 {
    let first = 1.0 / cycle.div_factor.get();
    let last = first / cycle.final_div_factor.get();
    let (peak, end) = (cycle.pct_start.get() * steps - 1.0, steps - 1.0);
    if step < peak {
        between(first, 1.0, step / peak)
    } else if step > peak {
        between(1.0, last, (step - peak) / (end - peak))
    } else {
        1.0
    }
}

/// From one value to the other along half a cosine, as `share` goes from 0 to 1.
fn between(from: f64, to: f64, share: f64) -> f64 {
    // (1 + cos(pi * share)) / 2 as a square, and from the nearer end.
    let left = if share < 0.5 {
        1.0 - sine(share * FRAC_PI_2).powi(2)
    } else {
        sine((1.0 - share) * FRAC_PI_2).powi(2)
    };
    to + (from - to) * left
}

/// The sine of an angle in [0, pi/4], by its series: the same bits on every machine, which a
/// platform's own does not promise.
fn sine(angle: f64) -> f64 {
    let square = angle * angle;
    let terms = [16.0, 14.0, 12.0, 10.0, 8.0, 6.0, 4.0, 2.0];
    let series =
        terms.into_iter().fold(1.0, |rest, term| 1.0 - square / (term * (term + 1.0)) * rest);
    angle * series
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// The factors of all steps.
    fn factors(schedule: &serde_json::Value, steps: usize, epochs: u32) -> Vec<f64> {
        let course = RateCourse {
            learning_rate: 0.01,
            lr_schedule: serde_json::from_value(schedule.clone()).unwrap(),
            steps,
            epochs,
        };
        let rates = Rates::new(&course);
        let of_epoch = |epoch| {
            let factors = rates.factors(epoch);
            (0..steps).map(move |step| factors.of(step))
        };
        (1..=epochs).flat_map(of_epoch).collect()
    }

    proptest! {
        #[test]
        fn a_rate_rises_at_most_once_to_the_learning_rate_and_then_falls(
            up in 0.0..1.0_f64,
            end in 0.0..1.0_f64,
            (div, final_div) in (1.0..100.0_f64, 1.0..1e6_f64),
            (steps, epochs) in (1..40_usize, 1..5_u32),
        ) {
            let schedules = [
                json!({"cosine": {"warmup": up, "final_factor": end}}),
                json!({"one_cycle": {
                    "pct_start": up.max(0.01), "div_factor": div, "final_div_factor": final_div
                }}),
            ];
            for schedule in schedules {
                let factors = factors(&schedule, steps, epochs);
                prop_assert!(factors.iter().all(|factor| (0.0..=1.0 + 1e-12).contains(factor)));
                let highest = factors.iter().copied().fold(0.0, f64::max);
                let peak = factors.iter().position(|&factor| factor >= highest).unwrap();
                prop_assert!(factors[..=peak].is_sorted(), "{schedule}: {factors:?}");
                let falls = factors[peak..].windows(2).all(|pair| pair[0] >= pair[1]);
                prop_assert!(falls, "{schedule}: {factors:?}");
            }
        }
    }

    #[test]
    fn half_a_cosine_is_that_of_the_platform() {
        for place in 0..=1000 {
            let share = f64::from(place) / 1000.0;
            let theirs = 0.5 + 0.5 * (std::f64::consts::PI * share).cos();
            assert!((between(1.0, 0.0, share) - theirs).abs() < 1e-15, "{share}");
        }
    }
}
