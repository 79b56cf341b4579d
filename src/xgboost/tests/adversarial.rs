//! Model files that a stranger made: nothing in them may make us panic, hang or fill the memory.

use serde_json::{Value, json};

use super::{BINARY, MULTICLASS, all_rows};
use crate::random::noise::Noise;
use crate::xgboost::{Booster, TextError};

/// What is said of a text in which the value at a place is another one.
fn refusal(text: &str, place: &str, value: Value) -> TextError {
    let mut model: Value = serde_json::from_str(text).unwrap();
    *model.pointer_mut(place).unwrap() = value;
    Booster::parse(model.to_string()).map(|booster| booster.rounds()).unwrap_err()
}

const TREES: &str = "/learner/gradient_booster/model/trees";

fn wrong_in_tree(field: &'static str) -> TextError {
    TextError::Wrong { field, place: "tree 0".to_owned() }
}

#[test]
fn children_out_of_range_and_cycles_are_refused() {
    for field in ["left_children", "right_children"] {
        for child in [1_000_000, -1_000_000, 0, -1, -2, 5, i64::from(i32::MAX)] {
            let found = refusal(MULTICLASS, &format!("{TREES}/0/{field}/0"), json!(child));
            assert!(matches!(found, TextError::Wrong { .. }), "{field} {child}: {found}");
        }
        for child in [json!(99_999_999_999_i64), json!("1"), json!(null), json!(1.5)] {
            let found = refusal(MULTICLASS, &format!("{TREES}/0/{field}/0"), child);
            assert!(matches!(found, TextError::NotAModel { .. }), "{found}");
        }
    }
    let found = refusal(MULTICLASS, &format!("{TREES}/0/parents/0"), json!(0));
    assert_eq!(found, wrong_in_tree("parents"));
    let found = refusal(MULTICLASS, &format!("{TREES}/0/parents/1"), json!(1));
    assert_eq!(found, wrong_in_tree("left_children"));
}

#[test]
fn counts_and_numbers_that_cannot_be_are_refused() {
    for (place, value) in [
        ("split_indices/0", json!(5)),
        ("split_indices/0", json!(u32::MAX)),
        ("split_type/0", json!(2)),
        ("default_left/0", json!(2)),
        ("tree_param/num_nodes", json!("0")),
        ("tree_param/num_nodes", json!("18446744073709551615")),
        ("tree_param/num_feature", json!("4")),
        ("tree_param/size_leaf_vector", json!("3")),
        ("tree_param/num_deleted", json!("1")),
        ("id", json!(1)),
        ("base_weights", json!([])),
        ("split_conditions", json!([])),
        ("loss_changes", json!([])),
        ("sum_hessian", json!([])),
        ("categories_nodes", json!([0, 1, 2])),
        ("categories_segments", json!([7])),
        ("categories_sizes", json!([u64::MAX])),
        ("categories", json!([4_294_967_295_u32, 3])),
    ] {
        let found = refusal(MULTICLASS, &format!("{TREES}/0/{place}"), value.clone());
        let is_refused = matches!(&found, TextError::Wrong { place, .. } if place == "tree 0");
        assert!(is_refused, "{place} {value}: {found}");
    }
    for (place, value) in [
        ("gradient_booster/model/gbtree_model_param/num_trees", json!("17")),
        ("gradient_booster/model/gbtree_model_param/num_parallel_tree", json!("3")),
        ("gradient_booster/model/iteration_indptr", json!([0, 18])),
        ("gradient_booster/model/tree_info/0", json!(3)),
        ("learner_model_param/num_class", json!("1")),
        ("learner_model_param/num_class", json!("4294967296")),
        ("learner_model_param/num_feature", json!("18446744073709551615")),
        ("learner_model_param/num_feature", json!("0")),
        ("learner_model_param/num_target", json!("2")),
        ("learner_model_param/base_score", json!("[1E0]")),
        ("learner_model_param/base_score", json!("[NaN,0,0]")),
        ("learner_model_param/base_score", json!("5E-1")),
        ("feature_names", json!(["a"])),
        ("feature_types", json!(["q"])),
    ] {
        let found = refusal(MULTICLASS, &format!("/learner/{place}"), value.clone());
        assert!(matches!(found, TextError::Wrong { .. }), "{place} {value}: {found}");
    }
    for number in ["NaN", "Infinity", "-Infinity", "1e39", "1e999"] {
        let at = MULTICLASS.find("\"split_conditions\":[").unwrap() + 20;
        let end = at + MULTICLASS[at..].find(',').unwrap();
        let text = format!("{}{number}{}", &MULTICLASS[..at], &MULTICLASS[end..]);
        assert!(Booster::parse(text).is_err(), "{number}");
    }
}

#[test]
fn other_models_are_refused_by_name() {
    for other in ["reg:squarederror", "rank:ndcg", "multi:softmax", "binary:hinge", ""] {
        let found = refusal(BINARY, "/learner/objective/name", json!(other));
        assert_eq!(found, TextError::Objective { objective: other.to_owned() });
    }
    let found = refusal(BINARY, "/learner/gradient_booster/name", json!("dart"));
    assert_eq!(found, TextError::Booster { booster: "dart".to_owned() });
    for version in [json!([3, 3, 1]), json!([2, 0, 3]), json!([1])] {
        let found = refusal(BINARY, "/version", version);
        assert!(found.to_string().starts_with("the model is of XGBoost "), "{found}");
    }
    let cats = "/learner/gradient_booster/model/cats/enc";
    assert_eq!(refusal(BINARY, cats, json!([{}])), TextError::NamedCategories);
    let unknown = refusal(BINARY, "/learner/gradient_booster/model/cats", json!({"other": 1}));
    assert!(unknown.to_string().contains("unknown field `other`"), "{unknown}");
    let text = BINARY.replacen("\"version\"", "\"version\":[3,4,1],\"version\"", 1);
    let twice = Booster::parse(text).map(|_| ()).unwrap_err();
    assert!(twice.to_string().contains("duplicate field `version`"), "{twice}");
    assert!(matches!(Booster::parse(String::new()), Err(TextError::NotAModel { .. })));
    let deep = "[".repeat(100_000);
    let deep = BINARY.replacen("\"attributes\":{}", &format!("\"attributes\":{deep}"), 1);
    assert!(matches!(Booster::parse(deep), Err(TextError::NotAModel { .. })));
}

#[test]
fn a_text_cut_off_anywhere_is_refused() {
    for length in (0..BINARY.trim_end().len()).step_by(5) {
        let text = String::from_utf8_lossy(&BINARY.as_bytes()[..length]).into_owned();
        assert!(Booster::parse(text).is_err(), "{length}");
    }
}

/// A number of the text replaced, or a few bytes.
fn mutated(text: &str, noise: &mut Noise) -> String {
    const NUMBERS: [&str; 12] = [
        "0",
        "1",
        "-1",
        "2",
        "7",
        "1000000",
        "4294967295",
        "-2147483648",
        "1e38",
        "1e-45",
        "-0.0",
        "18446744073709551615",
    ];
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=noise.below(2) {
        let at = noise.below(bytes.len());
        if noise.below(4) == 0 {
            bytes[at] = noise.below(128) as u8;
            continue;
        }
        let is_digit = |byte: &u8| byte.is_ascii_digit() || b"-.E".contains(byte);
        let start = at + bytes[at..].iter().position(is_digit).unwrap_or(0);
        let length = bytes[start..].iter().take_while(|byte| is_digit(byte)).count();
        bytes.splice(start..start + length, NUMBERS[noise.below(NUMBERS.len())].bytes());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn mutated_texts_never_panic_and_never_hang() {
    let rows = all_rows();
    let mut noise = Noise(7);
    let mut accepted = 0;
    for round in 0..4_000 {
        let text = mutated(if round % 2 == 0 { MULTICLASS } else { BINARY }, &mut noise);
        if let Ok(booster) = Booster::parse(text) {
            accepted += 1;
            if booster.columns() == rows.columns() {
                let probabilities = booster.probabilities(&rows).unwrap();
                assert_eq!(probabilities.len(), rows.rows() * booster.classes());
            }
        }
    }
    // Some are harmless, as a changed gain is; the others are met by the checks.
    assert!((100..3_500).contains(&accepted), "{accepted}");
}
