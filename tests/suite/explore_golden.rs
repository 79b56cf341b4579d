//! The figures of `explore` beside pandas', from tests/golden/explore.py.

use forewarn::data::Table;
use forewarn::explore::{Exploration, Options, explore};
use serde_json::Value;

use crate::support::root;

/// Each table looked at, with what pandas says of it.
fn cases() -> Vec<(Exploration, Value)> {
    let text = std::fs::read_to_string(root().join("tests/golden/explore.json")).unwrap();
    let mut golden: Value = serde_json::from_str(&text).unwrap();
    let cases = golden["cases"].as_array_mut().unwrap().iter_mut();
    let cases = cases.map(|case| {
        let table = Table::parse("golden", case["csv"].as_str().unwrap().as_bytes()).unwrap();
        (explore(&table, &Options::default()).unwrap(), case["expected"].take())
    });
    cases.collect()
}

fn close(found: Option<f64>, wanted: &Value, tolerance: f64, what: &str) {
    match (found, wanted.as_f64()) {
        (None, None) => {}
        (Some(found), Some(wanted)) => {
            let error = (found - wanted).abs() / wanted.abs().max(1.0);
            assert!(error <= tolerance, "{what}: {found}, pandas says {wanted}");
        }
        (found, wanted) => panic!("{what}: {found:?}, pandas says {wanted:?}"),
    }
}

#[test]
fn columns_are_counted_as_pandas_counts_them() {
    for (found, wanted) in cases() {
        assert_eq!(found.rows as u64, wanted["rows"]);
        assert_eq!(found.duplicates as u64, wanted["duplicates"]);
        for column in &found.columns {
            let name = column.name.as_str();
            assert_eq!(column.missing as u64, wanted["missing"][name], "{name}");
            assert_eq!(column.distinct as u64, wanted["distinct"][name], "{name}");
            assert_eq!(column.present + column.missing, found.rows);
        }
        let label = found.columns.iter().find(|column| column.name == "label").unwrap();
        for top in &label.top {
            assert_eq!(top.rows as u64, wanted["labels"][&top.name], "{}", top.name);
        }
    }
}

#[test]
fn numbers_are_described_as_pandas_describes_them() {
    for (found, wanted) in cases() {
        for column in &found.columns {
            let Some(numbers) = &column.numbers else { continue };
            let described = &wanted["described"][&column.name];
            let of = |key: &str| (described[key].clone(), format!("{} {key}", column.name));
            for (key, value) in [
                ("mean", numbers.mean),
                ("min", numbers.min),
                ("25%", numbers.q25),
                ("50%", numbers.q50),
                ("75%", numbers.q75),
                ("max", numbers.max),
            ] {
                let (wanted, what) = of(key);
                close(value, &wanted, 1e-14, &what);
            }
            let (wanted, what) = of("std");
            close(numbers.std, &wanted, 1e-9, &what);
        }
    }
}

#[test]
fn outliers_are_those_beyond_pandas_quartiles() {
    for (found, wanted) in cases() {
        for column in &found.columns {
            let Some(numbers) = &column.numbers else { continue };
            assert_eq!(
                numbers.outliers as u64, wanted["outliers"][&column.name],
                "{}",
                column.name
            );
        }
    }
}

#[test]
fn correlations_are_pandas_pairwise_ones() {
    for (found, wanted) in cases() {
        let name = |column: &usize| found.columns[*column].name.as_str();
        let correlations = &found.correlations;
        let wanted = wanted["correlations"].as_object().unwrap();
        assert_eq!(correlations.correlated, wanted.len());
        for (one, line) in correlations.columns.iter().zip(&correlations.matrix) {
            for (other, value) in correlations.columns.iter().zip(line) {
                let what = format!("{} {}", name(one), name(other));
                close(*value, &wanted[name(one)][name(other)], 1e-9, &what);
            }
        }
    }
}
