//! Model files that a stranger made: nothing in them may make us panic, hang or fill the memory.

use super::{BINARY, MULTICLASS, golden_rows};
use crate::boosting::{Booster, TextError};
use crate::random::noise::Noise;

/// Puts the tree sizes right again, so that what is wrong within a tree is met.
fn with_sizes(text: &str) -> String {
    let Some((header, body)) = text.split_once("\n\n") else { return text.to_owned() };
    let Some((trees, rest)) = body.split_once("end of trees") else { return text.to_owned() };
    let starts: Vec<usize> = trees.match_indices("Tree=").map(|(at, _)| at).collect();
    let ends = starts.iter().skip(1).copied().chain([trees.len()]);
    let sizes: Vec<String> =
        starts.iter().zip(ends).map(|(start, end)| (end - start).to_string()).collect();
    let header = header.split("tree_sizes=").next().unwrap_or("");
    format!("{header}tree_sizes={}\n\n{trees}end of trees{rest}", sizes.join(" "))
}

fn refusal(text: &str, from: &str, to: &str) -> TextError {
    assert!(text.contains(from), "{from}");
    let text = with_sizes(&text.replacen(from, to, 1));
    Booster::parse(text).map(|booster| booster.iterations()).unwrap_err()
}

/// A line of the first tree with its first number replaced.
fn first_number(field: &str, number: &str) -> TextError {
    let start = MULTICLASS.find(&format!("\n{field}=")).unwrap() + 1;
    let line = MULTICLASS[start..].lines().next().unwrap();
    let rest = line.split_once(' ').map_or("", |(_, rest)| rest);
    refusal(MULTICLASS, line, &format!("{field}={number} {rest}"))
}

#[test]
fn the_sizes_of_the_helper_above_are_right() {
    assert_eq!(with_sizes(MULTICLASS), MULTICLASS);
    assert_eq!(with_sizes(BINARY), BINARY);
}

#[test]
fn children_out_of_range_and_cycles_are_refused() {
    for field in ["left_child", "right_child"] {
        for child in ["1000000", "-1000000", "0", "6", "-8", "2147483647", "-2147483648"] {
            let wrong = TextError::Wrong { field: field.to_owned(), place: "tree 0".to_owned() };
            assert_eq!(first_number(field, child), wrong, "{field} {child}");
        }
        assert!(matches!(first_number(field, "99999999999"), TextError::Wrong { .. }));
        assert!(matches!(first_number(field, "x"), TextError::Wrong { .. }));
        assert!(matches!(first_number(field, ""), TextError::Wrong { .. }));
    }
}

#[test]
fn counts_and_numbers_that_cannot_be_are_refused() {
    for (field, number) in [
        ("split_feature", "5"),
        ("split_feature", "-1"),
        ("split_feature", "4294967295"),
        ("threshold", "nan"),
        ("decision_type", "12"),
        ("decision_type", "255"),
        ("decision_type", "-1"),
        ("leaf_value", "inf"),
        ("leaf_value", "nan"),
        ("num_leaves", "8"),
        ("num_leaves", "0"),
        ("num_leaves", "18446744073709551615"),
        ("num_cat", "18446744073709551615"),
        ("num_cat", "7"),
        ("cat_boundaries", "1"),
        ("cat_threshold", "4294967296"),
    ] {
        let found = first_number(field, number);
        let is_refused = matches!(found, TextError::Wrong { .. } | TextError::Field { .. });
        assert!(is_refused, "{field} {number}: {found}");
    }
    let bounds = BINARY.find("cat_boundaries=0 1").map(|_| "cat_boundaries=0 1");
    let found = refusal(BINARY, bounds.unwrap(), "cat_boundaries=0 4000000000");
    assert!(matches!(found, TextError::Wrong { .. }));
}

#[test]
fn other_models_are_refused_by_name() {
    let objective = "objective=binary sigmoid:1";
    for other in ["regression", "lambdarank", "multiclassova num_class:2", "binary sigmoid:-1"] {
        let found = refusal(BINARY, objective, &format!("objective={other}"));
        assert_eq!(found, TextError::Objective { objective: other.to_owned() });
    }
    let found = refusal(BINARY, "is_linear=0", "is_linear=1");
    assert_eq!(found, TextError::LinearTree);
    assert_eq!(refusal(BINARY, "version=v4", "version=v3"), TextError::NotAModel);
    assert_eq!(Booster::parse(String::new()).map(|_| ()).unwrap_err(), TextError::NotAModel);
    let found = refusal(BINARY, "num_class=1", "num_class=1\nsecret=3");
    assert!(found.to_string().contains("`secret` in the header"), "{found}");
    let found = refusal(BINARY, "num_class=1", "num_class=3");
    assert!(matches!(found, TextError::Wrong { .. }));
    let found = refusal(MULTICLASS, "num_class=3", "num_class=3\nnum_class=3");
    assert!(found.to_string().contains("has 2 `num_class`"), "{found}");
    let found = refusal(MULTICLASS, "max_feature_idx=4", "max_feature_idx=18446744073709551615");
    assert!(matches!(found, TextError::Wrong { .. }));
}

#[test]
fn a_text_cut_off_anywhere_in_its_trees_is_refused() {
    let end = MULTICLASS.find("end of trees\n").unwrap() + "end of trees\n".len();
    for length in 0..end {
        assert!(Booster::parse(MULTICLASS[..length].to_owned()).is_err(), "{length}");
    }
    assert!(Booster::parse(MULTICLASS[..end].to_owned()).is_ok());
}

/// Bytes replaced, left out or put in twice, and numbers replaced.
fn mutated(text: &str, noise: &mut Noise) -> String {
    const NUMBERS: [&str; 16] = [
        "0",
        "1",
        "-1",
        "2",
        "-2",
        "7",
        "1000000",
        "-1000000",
        "4294967295",
        "-2147483648",
        "nan",
        "inf",
        "1e308",
        "",
        "-0",
        "18446744073709551615",
    ];
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=noise.below(4) {
        let at = noise.below(bytes.len());
        match noise.below(6) {
            0 => bytes[at] = noise.below(128) as u8,
            1 => drop(bytes.remove(at)),
            2 => {
                let end = (at + noise.below(200)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                let place = noise.below(bytes.len());
                bytes.splice(place..place, copy);
            }
            3 => drop(bytes.drain(at..(at + noise.below(60)).min(bytes.len()))),
            _ => {
                let is_digit = |byte: &u8| byte.is_ascii_digit() || b"-.".contains(byte);
                let start = at + bytes[at..].iter().position(is_digit).unwrap_or(0);
                let length = bytes[start..].iter().take_while(|byte| is_digit(byte)).count();
                let number = NUMBERS[noise.below(NUMBERS.len())].bytes();
                bytes.splice(start..start + length, number);
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn mutated_texts_never_panic_and_never_hang() {
    let rows = golden_rows().features;
    let mut noise = Noise(7);
    let mut accepted = 0;
    for round in 0..20_000 {
        let text = mutated(if round % 2 == 0 { MULTICLASS } else { BINARY }, &mut noise);
        let text = if noise.below(4) == 0 { text } else { with_sizes(&text) };
        if let Ok(booster) = Booster::parse(text) {
            accepted += 1;
            if booster.names().len() == rows.columns() {
                let probabilities = booster.probabilities(&rows).unwrap();
                assert_eq!(probabilities.len(), rows.rows() * booster.classes());
            }
            let short = booster.prefix(1 + noise.below(9));
            let read = Booster::parse(short.text().to_owned()).unwrap();
            assert_eq!(read.iterations(), short.iterations());
        }
    }
    // Some are harmless, as a changed gain is; the others are met by the checks.
    assert!((100..15_000).contains(&accepted), "{accepted}");
}
