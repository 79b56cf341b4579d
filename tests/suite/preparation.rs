//! Preparation, through the rooms: what is fitted on train rows, and what a row becomes.

use forewarn::data::Table;
use forewarn::examples::Part;
use forewarn::prepare::steps::{Fill, Filler};
use forewarn::prepare::{FittedStep, Prepared, Tables, prepare};
use forewarn::spec;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::ai4i;

fn grid(change: impl FnOnce(&mut Value)) -> spec::GridFile {
    let mut grid = json!({
        "name": "x",
        "data": {
            "source": {"file": "x.csv"},
            "target": "Failure Type",
            "features": ["Type", "Torque [Nm]", "Rotational speed [rpm]"],
        },
        "grid": {"learning_rate": [0.1], "optimizer": ["adam"], "epochs": [1], "hidden": [[4]]}
    });
    change(&mut grid);
    spec::parse(std::path::Path::new("x.json"), &grid.to_string()).unwrap().file
}

fn prepared(text: &str, change: impl FnOnce(&mut Value)) -> Prepared {
    let table = Table::parse("x.csv", text.as_bytes()).unwrap();
    prepare(&table, &Tables::new(), &grid(change), 1).unwrap()
}

#[test]
fn standard_scaling_gives_train_rows_mean_zero_and_deviation_one() {
    let prepared = prepared(&ai4i(4000), |_| {});
    let train = &prepared.folds[0].train.features;
    assert_eq!(prepared.pipelines[0].inputs[..3], ["Type=H", "Type=L", "Type=M"]);
    for column in [3, 4] {
        let values: Vec<f64> =
            train.values().chunks_exact(5).map(|row| f64::from(row[column])).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let deviation = values.iter().map(|value| value * value).sum::<f64>() / values.len() as f64;
        assert!(mean.abs() < 1e-6 && (deviation - 1.0).abs() < 1e-6, "{mean} {deviation}");
    }
}

#[test]
fn min_max_scaling_puts_train_rows_between_zero_and_one() {
    let prepared = prepared(&ai4i(4000), |grid| {
        grid["steps"] = json!([{"one_hot": {}}, {"scale": {"method": "min_max"}}]);
    });
    let values = prepared.folds[0].train.features.values();
    assert!(values.iter().all(|value| (0.0..=1.0).contains(value)));
    assert!(values.chunks_exact(5).any(|row| row[3] == 1.0));
}

#[test]
fn derived_features_are_computed_in_64_bits() {
    let derive = json!({
        "power_w": "torque * rotational_speed * 2 * pi() / 60",
        "rounding": "(process_temperature - air_temperature - 10) * 1000000000000000.0",
        "twice": "power_w * 2"
    });
    let steps = json!([{"derive": derive}, {"one_hot": {}}]);
    let text = ai4i(3000);
    let table = Table::parse("x.csv", text.as_bytes()).unwrap();
    let prepared = prepared(&text, |grid| grid["steps"] = steps);
    let transformed = prepared.pipelines[0].transform(&table, &Tables::new(), None).unwrap();
    let inputs = &prepared.pipelines[0].inputs;
    let column = |name: &str| -> Vec<f32> {
        let place = inputs.iter().position(|input| input == name).unwrap();
        let rows = transformed.matrix.values().chunks_exact(inputs.len());
        rows.map(|row| row[place]).collect()
    };
    let source = |name: &str| -> Vec<f64> {
        table.numbers(name).unwrap().f64().unwrap().iter().flatten().collect()
    };
    let (torque, speed) = (source("Torque [Nm]"), source("Rotational speed [rpm]"));
    let (air, process) = (source("Air temperature [K]"), source("Process temperature [K]"));
    let [powers, twice, rounding] = ["power_w", "twice", "rounding"].map(column);
    for row in 0..3000 {
        let power = (torque[row] * speed[row] * 2.0 * std::f64::consts::PI / 60.0) as f32;
        assert!((powers[row] - power).abs() <= 1e-6 * power);
        assert_eq!(twice[row], powers[row] * 2.0);
        assert_eq!(rounding[row], ((process[row] - air[row] - 10.0) * 1e15) as f32);
    }
}

#[test]
fn the_longest_expressions_are_computed() {
    let condition = "(torque > 3)";
    for expression in [
        format!("torque{}", " + tool_wear".repeat(99)),
        format!("{condition}{}", " IS NULL".repeat(97)),
        format!("tool_wear > 1{}", " OR tool_wear > torque".repeat(49)),
        format!("torque{}", "::float".repeat(66)),
        format!("CASE{} END", " WHEN torque > 3 THEN 1".repeat(32)),
    ] {
        let steps = json!([{"derive": {"long": expression}}, {"one_hot": {}}]);
        let prepared = prepared(&ai4i(3000), |grid| grid["steps"] = steps);
        assert_eq!(prepared.features.last().unwrap(), "long");
    }
}

#[test]
fn missing_cells_are_filled_with_statistics_of_the_train_rows() {
    let text = "a,b,y\n".to_owned()
        + &(0..60).map(|row| format!("{row},k{},{}\n", row % 2, row % 3)).collect::<String>()
        + ",,0\n,,1\n";
    for (policy, expected) in [("mean", 0), ("median", 1), ("most_frequent", 2)] {
        let table = Table::parse("x.csv", text.as_bytes()).unwrap();
        let grid = grid(|grid| {
            grid["data"] = json!({"source": {"file": "x.csv"}, "target": "y"});
            grid["steps"] = json!([
                {"fill": {"columns": ["a"], "with": policy}},
                {"fill": {"columns": ["b"], "with": "most_frequent"}},
                {"one_hot": {}},
            ]);
        });
        let prepared = prepare(&table, &Tables::new(), &grid, 1).unwrap();
        let train: Vec<f64> = prepared.rows[0]
            .part(Part::Train)
            .iter()
            .filter(|row| **row < 60)
            .map(|row| *row as f64)
            .collect();
        let mean = train.iter().sum::<f64>() / train.len() as f64;
        let middle = f64::midpoint(train[(train.len() - 1) / 2], train[train.len() / 2]);
        let expected = [mean, middle, train[0]][expected];
        let [FittedStep::Fill(Fill { columns: numbers }), FittedStep::Fill(text), ..] =
            prepared.pipelines[0].steps.as_slice()
        else {
            panic!()
        };
        let Filler::Number(fill) = numbers["a"] else { panic!() };
        assert!((fill - expected).abs() < 1e-9, "{policy}: {fill:?}, not {expected}");
        assert!(matches!(text.columns["b"], Filler::Text(_)));
    }
}

#[test]
fn rows_with_gaps_are_left_out_where_asked() {
    let text = ai4i(3000).replacen(",L,", ",,", 5);
    let prepared = prepared(&text, |grid| {
        grid["steps"] = json!([{"drop_missing": {}}, {"one_hot": {}}, {"scale": {}}]);
    });
    let rows: usize = Part::ALL.iter().map(|part| prepared.folds[0].part(*part).labels.len()).sum();
    assert_eq!(rows, 2995);
    assert_eq!(prepared.notes, ["left out 5 rows with missing cells (Type in 5)"]);
}

#[test]
fn rows_without_the_target_are_left_out_where_features_are_filled() {
    let text = ai4i(3000).replacen(",No Failure\n", ",\n", 4);
    let prepared = prepared(&text, |grid| {
        let unknown = json!({"drop_missing": {"columns": ["Failure Type"]}});
        grid["steps"] = json!([unknown, {"fill": {"with": "median"}}, {"one_hot": {}}]);
    });
    let rows: usize = Part::ALL.iter().map(|part| prepared.folds[0].part(*part).labels.len()).sum();
    assert_eq!(rows, 2996);
    assert_eq!(prepared.notes, ["left out 4 rows with missing cells (Failure Type in 4)"]);
}

#[test]
fn a_name_in_an_expression_means_the_feature_it_fits_before_any_other_column() {
    let text: String = ai4i(3000)
        .lines()
        .enumerate()
        .map(|(row, line)| match row {
            0 => format!("{line},Rotational speed [rad/s]\n"),
            _ => format!("{line},{row}\n"),
        })
        .collect();
    let derive = |grid: &mut Value| {
        let derive = json!({"derive": {"p": "torque * rotational_speed"}});
        grid["steps"] = json!([derive, {"one_hot": {}}]);
    };
    assert_eq!(prepared(&text, derive).folds, prepared(&ai4i(3000), derive).folds);
}

#[test]
fn the_physics_of_a_table_with_other_spellings_are_the_same() {
    let spelt = ai4i(3000).replacen("Air temperature [K]", "Air_temperature", 1).replacen(
        "Torque [Nm]",
        "TORQUE ",
        1,
    );
    let derive = |grid: &mut Value| {
        let derive = json!({"derive": {"p": "\"Torque [Nm]\" * \"Air temperature [K]\""}});
        grid["steps"] = json!([derive, {"one_hot": {}}]);
    };
    assert_eq!(prepared(&spelt, derive).folds, prepared(&ai4i(3000), derive).folds);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// A row is prepared the same among many and alone.
    #[test]
    fn one_row_is_prepared_as_it_is_among_many(row in 0_usize..3000) {
        let text = ai4i(3000);
        let table = Table::parse("x.csv", text.as_bytes()).unwrap();
        let prepared = prepared(&text, |_| {});
        let pipeline = &prepared.pipelines[0];
        let all = pipeline.transform(&table, &Tables::new(), None).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let alone = format!("{}\n{}\n", lines[0], lines[row + 1]);
        let alone = Table::parse("y.csv", alone.as_bytes()).unwrap();
        let alone = pipeline.transform(&alone, &Tables::new(), None).unwrap();
        prop_assert_eq!(alone.matrix.values(), &all.matrix.values()[row * 5..row * 5 + 5]);
    }
}
