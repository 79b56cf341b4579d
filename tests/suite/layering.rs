//! The house rules of `src/lib.rs`, held by reading the sources.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::root;

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
    files
}

/// The sources with their paths below `src/`, and without comments.
fn code() -> Vec<(String, String)> {
    let src = root().join("src");
    let code = sources(&src).into_iter().map(|path| {
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let name = path.strip_prefix(&src).unwrap().display().to_string();
        (name, lines.collect::<Vec<_>>().join("\n"))
    });
    code.collect()
}

/// Files that hold `word` although they lie at none of the `allowed` places.
fn trespassers(word: &str, allowed: &[&str]) -> Vec<String> {
    let files = code().into_iter().filter(|(_, text)| text.contains(word));
    let files = files.map(|(name, _)| name);
    files.filter(|name| !allowed.iter().any(|place| name.starts_with(place))).collect()
}

#[test]
fn libtorch_is_named_only_by_its_engine() {
    assert_eq!(trespassers("tch::", &["engine/torch/"]), Vec::<String>::new());
}

#[test]
fn vectors_are_named_only_by_the_arithmetic_of_our_own() {
    let allowed = ["engine/native/", "neighbours/", "logistic/"];
    assert_eq!(trespassers("pulp::", &allowed), Vec::<String>::new());
}

#[test]
fn polars_is_named_only_by_the_rooms_of_tables() {
    assert_eq!(trespassers("polars::", &["data/", "prepare/", "explore/"]), Vec::<String>::new());
}

#[test]
fn other_formats_and_databases_are_named_only_by_data() {
    for word in ["polars_io::", "calamine::", "zip::Zip", "flate2::", "sqlx::", "tokio::"] {
        assert_eq!(trespassers(word, &["data/"]), Vec::<String>::new());
    }
}

#[test]
fn only_commands_print() {
    for word in ["println!", "print!", "eprintln!", "eprint!", "stdout()", "stderr()"] {
        assert_eq!(trespassers(word, &["commands/"]), Vec::<String>::new());
    }
}

#[test]
fn unsafe_code_lies_in_five_files() {
    let allowed = [
        "shared_library.rs",
        "engine/torch/cuda_library.rs",
        "sweep/trim.rs",
        "boosting/library.rs",
        "xgboost/library.rs",
    ];
    assert_eq!(trespassers("unsafe {", &allowed), Vec::<String>::new());
    assert_eq!(trespassers("unsafe_code", &allowed), Vec::<String>::new());
}

#[test]
fn global_random_numbers_are_never_drawn() {
    for word in ["manual_seed", "f_rand", "f_dropout", "f_bernoulli", "f_uniform", "rand::rng"] {
        assert_eq!(trespassers(word, &[]), Vec::<String>::new());
    }
}

/// The rooms in the order in which `src/lib.rs` declares them: each uses only those above it.
#[test]
fn rooms_use_only_the_rooms_above_them() {
    let map = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let rooms = map.lines().filter_map(|line| line.strip_prefix("pub mod "));
    let rooms: Vec<&str> = rooms.filter_map(|line| line.strip_suffix(';')).collect();
    assert!(rooms.len() > 10, "{rooms:?}");
    for (name, text) in code() {
        let room = name.split(['/', '.']).next().unwrap_or_default();
        let Some(place) = rooms.iter().position(|other| *other == room) else { continue };
        for below in &rooms[place + 1..] {
            for word in [format!("crate::{below}::"), format!("crate::{{{below}")] {
                assert!(!text.contains(&word), "{name} uses {below}");
            }
        }
    }
}

#[test]
fn no_source_is_longer_than_four_hundred_lines() {
    for (name, text) in code() {
        assert!(text.lines().count() <= 400, "{name}");
    }
}
