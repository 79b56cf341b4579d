//! Steps that change which train rows there are: balancing, and outliers that are left out.

use forewarn::data::Table;
use forewarn::examples::Part;
use forewarn::prepare::{Prepared, Tables, prepare};
use forewarn::spec;
use serde_json::{Value, json};

use crate::support::ai4i;

/// AI4I, prepared by some steps after one-hot.
fn balanced(steps: &[Value]) -> Prepared {
    let text = ai4i(4000);
    let table = Table::parse("x.csv", text.as_bytes()).unwrap();
    let steps = [&[json!({"one_hot": {}}), json!({"scale": {}})], steps].concat();
    let grid = json!({
        "name": "x",
        "data": {
            "source": {"file": "x.csv"}, "target": "Failure Type", "categorical": ["Type"],
            "features": ["Type", "Torque [Nm]", "Rotational speed [rpm]", "Tool wear [min]"],
        },
        "steps": steps,
        "grid": {"learning_rate": [0.1], "optimizer": ["adam"], "epochs": [1], "hidden": [[4]]}
    });
    let grid = spec::parse(std::path::Path::new("x.json"), &grid.to_string()).unwrap().file;
    prepare(&table, &Tables::new(), &grid, 1).unwrap()
}

fn counts(prepared: &Prepared, part: Part) -> Vec<usize> {
    let labels = &prepared.folds[0].part(part).labels;
    (0..prepared.classes.len())
        .map(|class| labels.iter().filter(|&&label| label as usize == class).count())
        .collect()
}

#[test]
fn balancing_changes_train_rows_alone() {
    let plain = balanced(&[]);
    let before = counts(&plain, Part::Train);
    let most = *before.iter().max().unwrap();
    let smote = balanced(&[json!({"balance": {"smote": {"k_neighbors": 3}}})]);
    assert!(counts(&smote, Part::Train).iter().all(|&rows| rows == most));
    let over = balanced(&[json!({"balance": {"random_over": {}}})]);
    assert!(counts(&over, Part::Train).iter().all(|&rows| rows == most));
    let under = balanced(&[json!({"balance": {"random_under": {}}})]);
    assert!(counts(&under, Part::Train).iter().all(|&rows| rows == *before.iter().min().unwrap()));
    for prepared in [&smote, &over, &under] {
        for part in [Part::Valid, Part::Test] {
            assert_eq!(prepared.folds[0].part(part), plain.folds[0].part(part));
        }
        // What is fitted does not tell of it, and a model does not balance.
        assert_eq!(prepared.pipelines, plain.pipelines);
        assert!(prepared.notes.iter().any(|note| note.contains("\"Heat Dissipation Failure\"")));
    }
    // The rows that were there come first, unchanged.
    let there = plain.folds[0].train.features.values();
    assert_eq!(&smote.folds[0].train.features.values()[..there.len()], there);
}

#[test]
fn rows_that_balancing_made_are_gone_when_another_leaves_them_out() {
    let smote = json!({"balance": {"smote": {"k_neighbors": 3}}});
    let few = json!({"balance": {"random_under": {"sampling_strategy": {
        "No Failure": 5, "Heat Dissipation Failure": 1, "Overstrain Failure": 1, "Power Failure": 1,
        "Random Failures": 1, "Tool Wear Failure": 1
    }}}});
    let prepared = balanced(&[smote, few]);
    let train = &prepared.folds[0].train;
    assert_eq!(counts(&prepared, Part::Train).iter().sum::<usize>(), 10);
    assert_eq!(train.features.rows(), 10);
}

#[test]
fn steps_behind_balancing_see_the_rows_that_it_made() {
    let steps = [json!({"balance": {"smote": {"k_neighbors": 3}}}), json!({"scale": {}})];
    let prepared = balanced(&steps);
    let train = &prepared.folds[0].train.features;
    let columns = train.columns();
    for column in 3..columns {
        let values: Vec<f64> =
            train.values().chunks_exact(columns).map(|row| f64::from(row[column])).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        assert!(mean.abs() < 1e-5, "{mean}");
    }
}

#[test]
fn outliers_are_left_out_of_train_rows_alone_and_what_that_costs_is_said() {
    let plain = balanced(&[]);
    let removed = balanced(&[json!({"iqr_outliers": {"action": "remove"}})]);
    let (before, after) = (counts(&plain, Part::Train), counts(&removed, Part::Train));
    assert!(after.iter().sum::<usize>() < before.iter().sum());
    for part in [Part::Valid, Part::Test] {
        assert_eq!(counts(&plain, part), counts(&removed, part));
    }
    let warning = removed.warnings.iter().find(|one| one.contains("iqr_outliers")).unwrap();
    let power = removed.classes.iter().position(|class| class == "Power Failure").unwrap();
    let cost = before[power] - after[power];
    assert!(cost > 0);
    assert!(
        warning.contains(&format!("{cost} of {} of \"Power Failure\"", before[power])),
        "{warning}"
    );
}
