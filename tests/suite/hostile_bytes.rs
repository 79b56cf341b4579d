//! Files that were damaged or made up: an error, never a panic.

use std::fs;
use std::path::Path;

use forewarn::data::Table;
use forewarn::model::Model;
use forewarn::{prepare, spec};
use proptest::prelude::*;

use crate::support::{Bench, root};

/// Bytes of a file with some of them changed, cut off or put in.
fn damaged(bytes: &[u8], edits: &[(usize, u8, u8)]) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    for &(place, byte, how) in edits {
        let place = place % damaged.len().max(1);
        match how % 4 {
            0 => damaged.truncate(place),
            1 => damaged.insert(place.min(damaged.len()), byte),
            _ if place < damaged.len() => damaged[place] = byte,
            _ => {}
        }
    }
    damaged
}

fn edits() -> impl Strategy<Value = Vec<(usize, u8, u8)>> {
    proptest::collection::vec((any::<usize>(), any::<u8>(), any::<u8>()), 1..4)
}

#[test]
fn a_damaged_model_is_an_error_or_a_model_but_never_a_panic() {
    let bench = Bench::new();
    bench.sweep("run");
    let files = ["run/best/model.json", "run/best/model.safetensors"].map(|name| bench.file(name));
    let whole = files.each_ref().map(|file| fs::read(file).unwrap());
    let table = Table::load(&bench.file("data.csv")).unwrap();
    let rows: Vec<usize> = (0..table.rows()).collect();
    proptest!(ProptestConfig::with_cases(1500), |(edits in edits(), which in 0_usize..2)| {
        fs::write(&files[which], damaged(&whole[which], &edits)).unwrap();
        if let Ok(model) = Model::load(&bench.file("run"))
            && let Ok(frame) = model.description.recipe.extract(&table)
        {
            let _ = model.description.preparation.transform(&frame, &rows, "data.csv");
        }
        fs::write(&files[which], &whole[which]).unwrap();
    });
}

#[test]
fn kinds_that_disagree_are_a_damaged_model() {
    let bench = Bench::new();
    bench.sweep("run");
    let text = bench.read("run/best/model.json").replacen("\"numeric\"", "\"categorical\"", 1);
    bench.write("run/best/model.json", &text);
    let said = bench.forewarn(&["evaluate", "run", "--data", "data.csv"]).code(4).stderr();
    assert!(said.contains("different kinds"), "{said}");
}

#[test]
fn a_damaged_grid_file_is_an_error_or_a_grid_but_never_a_panic() {
    let grid = fs::read(root().join("grids/ai4i.json")).unwrap();
    let table = Table::parse("x.csv", crate::support::ai4i(3000).as_bytes()).unwrap();
    proptest!(ProptestConfig::with_cases(1500), |(edits in edits())| {
        let text = String::from_utf8_lossy(&damaged(&grid, &edits)).into_owned();
        if let Ok(study) = spec::parse(Path::new("x.json"), &text) {
            let _ = study.trials();
            let _ = prepare::prepare(&table, &study.file, 1);
        }
    });
}
