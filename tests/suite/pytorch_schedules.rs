//! Schedules of the learning rate against PyTorch's own.

use forewarn::engine::OptimizerSettings;
use forewarn::families::{RateCourse, Rates};
use forewarn::spec::LrSchedule;
use serde_json::json;

use crate::pytorch::{engines, fold, furthest, member, plan, references, task};
use crate::support::{GO_ON, pytorch};

#[test]
fn every_schedule_has_pytorchs_rates_and_weights() {
    let Some(python) = pytorch("every_schedule_has_pytorchs_rates_and_weights") else { return };
    let (epochs, steps, learning_rate) = (3_u32, 5, 0.01);
    let schedules = [
        json!("constant"),
        json!({"step": {"step_size": 2, "gamma": 0.3}}),
        json!({"step": {}}),
        json!({"cosine": {}}),
        json!({"cosine": {"warmup": 0.4, "final_factor": 0.2}}),
        json!({"cosine": {"warmup": 0}}),
        json!({"one_cycle": {}}),
        json!({"one_cycle": {"pct_start": 0.5, "div_factor": 3, "final_div_factor": 10}}),
        // The third epoch lies within the patience, or is the first beyond it.
        json!({"reduce_on_plateau": {"patience": 1, "threshold": 0.9}}),
        json!({"reduce_on_plateau": {"patience": 0, "threshold": 0.9, "factor": 0.4}}),
        json!({"reduce_on_plateau": {"patience": 0, "threshold": 0.9, "min_lr": 0.002}}),
    ];
    let optimizers = [
        (
            OptimizerSettings::Adam { betas: (0.9, 0.999), eps: 1e-8, decoupled: true },
            json!({"name": "AdamW", "lr": learning_rate, "weight_decay": 0.05}),
        ),
        (
            OptimizerSettings::Sgd { momentum: 0.9, nesterov: false },
            json!({"name": "SGD", "lr": learning_rate, "weight_decay": 0.05, "momentum": 0.9}),
        ),
    ];
    let fold = fold();
    let (mut tasks, mut cases) = (Vec::new(), Vec::new());
    for (settings, optimizer) in &optimizers {
        for schedule in &schedules {
            let plan = plan(*settings, 32, vec![member(learning_rate, 0.05, 0)]);
            let mut task = task(&plan, &plan.members[0], &fold, u64::from(epochs), optimizer);
            let lr_schedule: LrSchedule = serde_json::from_value(schedule.clone()).unwrap();
            // With the settings that the schedule leaves to their defaults.
            task["lr_schedule"] = serde_json::to_value(lr_schedule).unwrap();
            tasks.push(task);
            cases.push((plan, lr_schedule));
        }
    }
    for ((plan, lr_schedule), theirs) in cases.iter().zip(references(&python, &tasks)) {
        let course = RateCourse { learning_rate, lr_schedule: *lr_schedule, steps, epochs };
        let mut rates = Rates::new(&course);
        let mut factors = Vec::new();
        for (epoch, figures) in (1..=epochs).zip(theirs["epochs"].as_array().unwrap()) {
            factors.push(rates.factors(epoch));
            rates.observe(figures["valid_loss"].as_f64().unwrap());
        }
        let ours = factors.iter().flat_map(|factors| (0..steps).map(|step| factors.of(step)));
        let pairs = ours.zip(theirs["rates"].as_array().unwrap()).enumerate();
        assert_eq!(pairs.clone().count(), 15);
        for (step, (ours, theirs)) in pairs {
            let (ours, theirs) = (ours * learning_rate, theirs.as_f64().unwrap());
            let near = (ours - theirs).abs() < 1e-9 * theirs.abs().max(1e-9);
            assert!(near, "{lr_schedule}, step {step}: {ours}, not {theirs}");
        }
        for engine in &engines(&fold) {
            let mut pack = engine.start(plan, 0, &GO_ON).unwrap();
            for factors in &factors {
                pack.train_epoch(std::slice::from_ref(factors)).unwrap();
            }
            pack.keep_best(&[true]).unwrap();
            let furthest = furthest(&pack.best_weights(0).unwrap(), &theirs["weights"]);
            let (name, optimizer) = (engine.name(), plan.optimizer);
            assert!(furthest < 1e-5, "{name}: {lr_schedule}, {optimizer:?}: {furthest} apart");
        }
    }
}
