//! Beside Python's lightgbm 4.7.0, by the golden files of `tests/golden/boosting/make.py`; and on bad input.
//!
//! Tests that train need LightGBM's library: the file that `FOREWARN_LIGHTGBM` names, or that of the
//! Python package beside libtorch. Without it they note that they check nothing, and fail where
//! `FOREWARN_REQUIRE` names lightgbm.

#![allow(clippy::unwrap_used)]

mod adversarial;
mod libraries;
mod training;

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Booster, DataSampleStrategy, Library, Settings};
use crate::examples::{Examples, Matrix};

const MULTICLASS: &str = include_str!("../../tests/golden/boosting/multiclass.txt");
const BINARY: &str = include_str!("../../tests/golden/boosting/binary.txt");

/// Where LightGBM's library lies, where the machine has it.
fn library_path() -> Option<PathBuf> {
    let named = std::env::var_os("FOREWARN_LIGHTGBM").map(PathBuf::from);
    let packages = Path::new(env!("FOREWARN_LIBTORCH_FOLDER")).ancestors().nth(2);
    let own = packages.map(|folder| folder.join("lightgbm/lib/lib_lightgbm.so"));
    let found = named.or(own).filter(|path| path.exists());
    if found.is_none() {
        let required = std::env::var("FOREWARN_REQUIRE").unwrap_or_default();
        assert!(
            !required.split(',').any(|name| name == "lightgbm"),
            "LightGBM's library is missing"
        );
        // `make test` shows this file in the end.
        let skipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tmp/skipped");
        if let Ok(mut file) = File::options().append(true).create(true).open(skipped) {
            let line = "SKIPPED boosting: no lightgbm: `make libtorch` fetches its library\n";
            file.write_all(line.as_bytes()).unwrap();
        }
    }
    found
}

/// LightGBM, where the machine has it.
fn library() -> Option<Library> {
    Some(Library::open(&library_path()?).unwrap())
}

/// The golden rows, of five columns (the fourth of categories) and three classes.
fn golden_rows() -> Examples {
    let (mut labels, mut values) = (Vec::new(), Vec::new());
    for line in include_str!("../../tests/golden/boosting/rows.txt").lines() {
        let (label, row) = line.split_once(' ').unwrap();
        labels.push(label.parse().unwrap());
        values.extend(row.split(' ').map(|value| value.parse::<f32>().unwrap()));
    }
    Examples { features: Matrix::new(5, values), labels }
}

fn numbers(text: &str) -> Vec<f64> {
    text.split_ascii_whitespace().map(|number| number.parse().unwrap()).collect()
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// The settings that the golden models share.
fn golden_settings() -> Settings {
    Settings { num_leaves: 7, min_data_per_group: 10, ..Settings::default() }
}

#[test]
fn scores_are_pythons_to_the_bit_and_probabilities_up_to_the_exponential() {
    let rows = golden_rows().features;
    let models = [
        (
            MULTICLASS,
            include_str!("../../tests/golden/boosting/multiclass_raw.txt"),
            include_str!("../../tests/golden/boosting/multiclass_probabilities.txt"),
        ),
        (
            BINARY,
            include_str!("../../tests/golden/boosting/binary_raw.txt"),
            include_str!("../../tests/golden/boosting/binary_probabilities.txt"),
        ),
    ];
    for (text, raw, probabilities) in models {
        let booster = Booster::parse(text.to_owned()).unwrap();
        assert_eq!(bits(&booster.raw_scores(&rows).unwrap()), bits(&numbers(raw)));
        let found = booster.probabilities(&rows).unwrap();
        let wanted = numbers(probabilities);
        let of_last = booster.classes() * rows.rows() / wanted.len();
        for (place, wanted) in wanted.iter().enumerate() {
            let found = found[place * of_last + of_last - 1];
            // The C library's exponential may be off by a bit on another machine.
            assert!((found - wanted).abs() <= 4.0 * f64::EPSILON, "{place}: {found}, {wanted}");
        }
    }
}

#[test]
fn a_row_has_the_same_bits_alone_and_among_others() {
    let rows = golden_rows().features;
    let booster = Booster::parse(MULTICLASS.to_owned()).unwrap();
    let together = booster.probabilities(&rows).unwrap();
    for row in (0..rows.rows()).step_by(7) {
        let alone = Matrix::new(5, rows.row(row).to_vec());
        let alone = booster.probabilities(&alone).unwrap();
        assert_eq!(bits(&alone), bits(&together[row * 3..row * 3 + 3]));
    }
}

#[test]
fn probabilities_of_a_row_add_up_to_one() {
    let rows = golden_rows().features;
    for (text, classes) in [(MULTICLASS, 3), (BINARY, 2)] {
        let booster = Booster::parse(text.to_owned()).unwrap();
        assert_eq!(booster.classes(), classes);
        let probabilities = booster.probabilities(&rows).unwrap();
        assert_eq!(probabilities.len(), rows.rows() * classes);
        for row in probabilities.chunks_exact(classes) {
            assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-15);
        }
    }
}

#[test]
fn no_rows_have_no_probabilities_and_other_columns_are_refused() {
    let booster = Booster::parse(BINARY.to_owned()).unwrap();
    assert!(booster.probabilities(&Matrix::new(5, Vec::new())).unwrap().is_empty());
    let other = booster.probabilities(&Matrix::new(4, vec![0.0; 8])).unwrap_err();
    let wanted = "the LightGBM model reads 5 columns, and the rows have 4";
    assert_eq!(other.to_string(), wanted);
}

#[test]
fn the_text_comes_back_and_a_prefix_of_a_prefix_is_a_prefix() {
    let booster = Booster::parse(MULTICLASS.to_owned()).unwrap();
    assert_eq!(booster.text(), MULTICLASS);
    assert_eq!(booster.iterations(), 6);
    assert_eq!(booster.prefix(6).text(), MULTICLASS);
    assert_eq!(booster.prefix(99).text(), MULTICLASS);
    let short = booster.prefix(2);
    assert_eq!(short.text(), booster.prefix(4).prefix(2).text());
    let read = Booster::parse(short.text().to_owned()).unwrap();
    assert_eq!((read.iterations(), short.iterations()), (2, 2));
    let rows = golden_rows().features;
    let scores = |booster: &Booster| bits(&booster.raw_scores(&rows).unwrap());
    assert_eq!(scores(&read), scores(&short));
    assert_ne!(scores(&read), scores(&booster));
}

#[test]
fn settings_that_lightgbm_would_refuse_are_named() {
    let refused = |settings: Settings| settings.check().unwrap_err().to_string();
    assert_eq!(Settings::default().check(), Ok(()));
    let settings = Settings { learning_rate: 0.0, ..Settings::default() };
    assert_eq!(refused(settings), "learning_rate is 0; it must be above 0");
    let settings = Settings { lambda_l2: f64::NAN, ..Settings::default() };
    assert_eq!(refused(settings), "lambda_l2 is NaN; it must be 0 or more");
    let settings = Settings { num_leaves: 1, ..Settings::default() };
    assert_eq!(refused(settings), "num_leaves is 1; it must be from 2 to 131072");
    let settings = Settings { max_depth: -2, ..Settings::default() };
    assert_eq!(refused(settings), "max_depth is -2; it must be -1 (no limit) or more");
    let goss = Settings { data_sample_strategy: DataSampleStrategy::Goss, ..Settings::default() };
    assert_eq!(goss.check(), Ok(()));
    let settings = Settings { bagging_freq: 1, bagging_fraction: 0.5, ..goss };
    assert!(refused(settings).contains("leave bagging_freq at 0"));
    let settings = Settings { top_rate: 0.8, other_rate: 0.3, ..goss };
    assert!(refused(settings).contains("must be at most 1"));
}
