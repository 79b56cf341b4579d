//! Beside Python's xgboost 3.4.1, by the golden files of `tests/golden/xgboost/make.py`; and on bad input.
//!
//! Tests that train need XGBoost's library: the file that `FOREWARN_XGBOOST` names, or that of the Python
//! package beside libtorch. Without it they note that they check nothing, and fail where
//! `FOREWARN_REQUIRE` names xgboost.

#![allow(clippy::unwrap_used)]

mod adversarial;
mod libraries;
mod training;

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Booster, GrowPolicy, Library, Settings};
use crate::examples::{Examples, Matrix};

const MULTICLASS: &str = include_str!("../../tests/golden/xgboost/multiclass.json");
const BINARY: &str = include_str!("../../tests/golden/xgboost/binary.json");

/// The names of the golden rows' columns.
const NAMES: [&str; 5] = ["Torque (Nm)", "b", "c d", "Öl \"x\"\\", "e"];

/// Where XGBoost's library lies, where the machine has it.
fn library_path() -> Option<PathBuf> {
    let named = std::env::var_os("FOREWARN_XGBOOST").map(PathBuf::from);
    let packages = Path::new(env!("FOREWARN_LIBTORCH_FOLDER")).ancestors().nth(2);
    let own = packages.map(|folder| folder.join("xgboost/lib/libxgboost.so"));
    let found = named.or(own).filter(|path| path.exists());
    if found.is_none() {
        let required = std::env::var("FOREWARN_REQUIRE").unwrap_or_default();
        assert!(!required.split(',').any(|name| name == "xgboost"), "XGBoost's library is missing");
        // `make test` shows this file in the end.
        let skipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tmp/skipped");
        if let Ok(mut file) = File::options().append(true).create(true).open(skipped) {
            let line = "SKIPPED xgboost: no library: `make libtorch` fetches it\n";
            file.write_all(line.as_bytes()).unwrap();
        }
    }
    found
}

/// XGBoost, where the machine has it.
fn library() -> Option<Library> {
    Some(Library::open(&library_path()?).unwrap())
}

fn rows_of(text: &str) -> Examples {
    let (mut labels, mut values) = (Vec::new(), Vec::new());
    for line in text.lines() {
        let (label, row) = line.split_once(' ').unwrap();
        labels.push(label.parse().unwrap());
        values.extend(row.split(' ').map(|value| value.parse::<f32>().unwrap()));
    }
    Examples { features: Matrix::new(5, values), labels }
}

/// The golden rows, of five columns (the fourth of categories) and three classes.
fn golden_rows() -> Examples {
    rows_of(include_str!("../../tests/golden/xgboost/rows.txt"))
}

/// The golden rows, then those that no training saw, some with categories that none has.
fn all_rows() -> Matrix {
    let odd = rows_of(include_str!("../../tests/golden/xgboost/odd.txt"));
    let values = [golden_rows().features.values(), odd.features.values()].concat();
    Matrix::new(5, values)
}

fn numbers(text: &str) -> Vec<f32> {
    text.split_ascii_whitespace().map(|number| number.parse().unwrap()).collect()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn margins_and_probabilities_are_pythons_to_the_bit() {
    let rows = all_rows();
    let models = [
        (
            MULTICLASS,
            include_str!("../../tests/golden/xgboost/multiclass_margins.txt"),
            include_str!("../../tests/golden/xgboost/multiclass_probabilities.txt"),
        ),
        (
            BINARY,
            include_str!("../../tests/golden/xgboost/binary_margins.txt"),
            include_str!("../../tests/golden/xgboost/binary_probabilities.txt"),
        ),
    ];
    for (text, margins, probabilities) in models {
        let booster = Booster::parse(text.to_owned()).unwrap();
        assert_eq!(bits(&booster.margins(&rows).unwrap()), bits(&numbers(margins)));
        let found = booster.probabilities(&rows).unwrap();
        let wanted = numbers(probabilities);
        let of_last = booster.classes() * rows.rows() / wanted.len();
        for (place, wanted) in wanted.iter().enumerate() {
            let found = found[place * of_last + of_last - 1];
            // The C library's exponential may be off by a bit on another machine.
            let difference = (found - f64::from(*wanted)).abs();
            assert!(difference <= 2.0 * f64::from(f32::EPSILON), "{place}: {found}, {wanted}");
        }
    }
}

#[test]
fn a_row_has_the_same_bits_alone_and_among_others() {
    let rows = all_rows();
    let booster = Booster::parse(MULTICLASS.to_owned()).unwrap();
    let together = booster.margins(&rows).unwrap();
    for row in (0..rows.rows()).step_by(7) {
        let alone = booster.margins(&Matrix::new(5, rows.row(row).to_vec())).unwrap();
        assert_eq!(bits(&alone), bits(&together[row * 3..row * 3 + 3]));
    }
}

#[test]
fn probabilities_of_a_row_add_up_to_one() {
    for (text, classes) in [(MULTICLASS, 3), (BINARY, 2)] {
        let booster = Booster::parse(text.to_owned()).unwrap();
        assert_eq!((booster.classes(), booster.columns()), (classes, 5));
        let probabilities = booster.probabilities(&all_rows()).unwrap();
        assert_eq!(probabilities.len(), all_rows().rows() * classes);
        for row in probabilities.chunks_exact(classes) {
            assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-6);
        }
    }
}

#[test]
fn no_rows_have_no_probabilities_and_other_columns_are_refused() {
    let booster = Booster::parse(BINARY.to_owned()).unwrap();
    assert_eq!(booster.rounds(), 10);
    assert!(booster.probabilities(&Matrix::new(5, Vec::new())).unwrap().is_empty());
    let other = booster.probabilities(&Matrix::new(4, vec![0.0; 8])).unwrap_err();
    assert_eq!(other.to_string(), "the XGBoost model reads 5 columns, and the rows have 4");
}

#[test]
fn settings_that_xgboost_would_refuse_are_named() {
    let refused = |settings: Settings| settings.check().unwrap_err().to_string();
    assert_eq!(Settings::default().check(), Ok(()));
    let settings = Settings { learning_rate: 0.0, ..Settings::default() };
    assert_eq!(refused(settings), "learning_rate is 0; it must be from 1e-37 to 1e38");
    let settings = Settings { reg_lambda: f64::NAN, ..Settings::default() };
    assert_eq!(refused(settings), "reg_lambda is NaN; it must be 0, or from 1e-37 to 1e38");
    let settings = Settings { subsample: 1.5, ..Settings::default() };
    assert_eq!(refused(settings), "subsample is 1.5; it must be from 1e-37 to 1");
    let settings = Settings { max_bin: 1, ..Settings::default() };
    assert_eq!(refused(settings), "max_bin is 1; it must be 2 or more, and below 2147483648");
}

#[test]
fn the_limits_of_a_tree_bound_its_leaves() {
    let of = |max_depth, max_leaves| Settings { max_depth, max_leaves, ..Settings::default() };
    for (settings, rows, leaves) in [
        (of(6, 0), 1000, 64),
        (of(6, 20), 1000, 20),
        (of(6, 0), 10, 10),
        (of(0, 0), 1000, 1000),
        (of(99, 0), 1000, 1000),
    ] {
        assert_eq!(settings.most_leaves(rows), leaves);
    }
    assert_eq!(GrowPolicy::default().name(), "depthwise");
}
