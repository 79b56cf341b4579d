//! Values that a grid file cannot have, through the real binary: the exit code, and what the message names.

use serde_json::json;

use crate::bad_input::refuses_grid;

#[test]
fn an_unknown_optimizer_names_the_nearest() {
    refuses_grid(
        3,
        |grid| grid["grid"]["optimizer"] = json!(["adan"]),
        &["adan", "`adam`", "rmsprop"],
    );
}

#[test]
fn an_empty_axis_is_named() {
    refuses_grid(3, |grid| grid["grid"]["epochs"] = json!([]), &["grid.epochs", "empty"]);
}

#[test]
fn a_value_that_stands_twice_is_named() {
    refuses_grid(3, |grid| grid["grid"]["epochs"] = json!([3, 3]), &["grid.epochs", "twice"]);
}

#[test]
fn unknown_class_weights_are_refused_with_the_choices() {
    let expected = ["grid.class_weight[1]", "\"balanced\"", "1e-6"];
    for wrong in [json!("balance"), json!({}), json!({"1": 0}), json!([1, 2])] {
        let grid = |grid: &mut serde_json::Value| {
            grid["grid"]["class_weight"] = json!(["none", wrong]);
        };
        refuses_grid(3, grid, &expected);
    }
}

#[test]
fn unknown_limits_are_refused_with_the_choices() {
    let expected = ["grid.clip_grad_norm[1]", "\"none\" or a finite number above 0"];
    for wrong in [json!(0), json!(-1), json!("None"), json!(null)] {
        let grid = |grid: &mut serde_json::Value| {
            grid["grid"]["clip_grad_norm"] = json!([0.5, wrong]);
        };
        refuses_grid(3, grid, &expected);
    }
}

#[test]
fn a_weight_for_a_class_that_is_not_there_names_those_that_are() {
    let grid = |grid: &mut serde_json::Value| {
        grid["grid"]["class_weight"] = json!(["none", {"1": 2, "yes": 3}]);
    };
    refuses_grid(4, grid, &["grid.class_weight", "\"yes\"", "\"0\", \"1\""]);
}

#[test]
fn zero_epochs_are_refused() {
    refuses_grid(3, |grid| grid["grid"]["epochs"] = json!([0]), &["grid.epochs", "0"]);
}

#[test]
fn a_negative_learning_rate_is_refused() {
    refuses_grid(
        3,
        |grid| grid["grid"]["learning_rate"] = json!([-0.1]),
        &["grid.learning_rate[0]", "-0.1"],
    );
}

#[test]
fn a_layer_without_width_is_refused() {
    refuses_grid(3, |grid| grid["grid"]["hidden"] = json!([[8, 0]]), &["grid.hidden[0][1]", "0"]);
}

#[test]
fn shares_that_do_not_add_up_are_refused() {
    let shares = json!({"shares": {"train": 0.7, "valid": 0.2, "test": 0.2}});
    refuses_grid(3, |grid| grid["split"] = shares, &["split.shares", "1.1"]);
}

#[test]
fn nesterov_without_momentum_is_refused() {
    let change = |grid: &mut serde_json::Value| {
        grid["fixed"] = json!({"sgd": {"nesterov": true}});
        grid["grid"]["optimizer"] = json!(["sgd"]);
    };
    refuses_grid(3, change, &["nesterov", "momentum"]);
}

#[test]
fn a_name_that_leaves_the_outputs_is_refused() {
    refuses_grid(3, |grid| grid["name"] = json!("../elsewhere"), &["name"]);
}

#[test]
fn a_very_large_grid_is_asked_about_with_its_count() {
    let rates: Vec<f64> = (1..=200).map(|number| f64::from(number) * 1e-4).collect();
    let change = |grid: &mut serde_json::Value| {
        grid["grid"]["learning_rate"] = json!(rates);
        grid["grid"]["seed"] = json!((0..100).collect::<Vec<_>>());
    };
    refuses_grid(3, change, &["40000 trials", "--yes"]);
}
