//! The shipped grids, the embedded table and the schema.

use std::fs;

use forewarn::data::Table;
use forewarn::prepare::{Tables, prepare};
use forewarn::spec::{self, Source};
use forewarn::sweep::trials;
use serde_json::Value;

use crate::support::{forewarn, root, run};

fn grids() -> Vec<std::path::PathBuf> {
    let files = fs::read_dir(root().join("grids")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| !path.ends_with("schema.json")).collect();
    files.sort();
    files
}

#[test]
fn every_shipped_grid_loads_and_is_named_after_its_file() {
    let names: Vec<String> = grids()
        .iter()
        .map(|path| {
            let study = spec::load(path).unwrap();
            assert_eq!(trials(&study.file).len() as u64, study.file.trials());
            assert_eq!(path.file_stem().unwrap().to_str().unwrap(), study.file.name);
            study.file.name
        })
        .collect();
    let shipped = [
        "ai4i",
        "anomadata",
        "azure",
        "bench",
        "bench_shapes",
        "best",
        "families",
        "motor",
        "quickstart",
        "regularisation",
    ];
    assert_eq!(names, shipped);
}

#[test]
fn the_shipped_grids_have_the_sizes_that_the_readme_gives() {
    let size = |name: &str| spec::load(&root().join("grids").join(name)).unwrap().file.trials();
    assert_eq!(size("quickstart.json"), 48);
    assert_eq!(size("ai4i.json"), 480);
    assert_eq!(size("bench.json"), 32);
    assert_eq!(size("bench_shapes.json"), 240);
}

#[test]
fn every_shipped_grid_finds_its_columns_and_the_reference_work_its_shape() {
    for path in grids() {
        let study = spec::load(&path).unwrap();
        let Source::File(file) = &study.file.data.source else { continue };
        // The data of others cannot be shipped.
        let path = study.path(file);
        if !path.starts_with(root().join("data")) || !path.is_file() {
            continue;
        }
        let table = Table::load(&path).unwrap();
        let prepared = prepare(&table, &Tables::new(), &study.file, study.file.seed).unwrap();
        // What balancing comes to is told, and is no fault.
        let faults = prepared.notes.iter().filter(|note| !note.contains(": balance: "));
        let faults: Vec<&String> = faults.chain(&prepared.warnings).collect();
        assert!(faults.is_empty(), "{}: {faults:?}", study.file.name);
        if study.file.name == "bench" {
            let fold = &prepared.folds[0];
            assert_eq!((fold.train.labels.len(), fold.valid.labels.len()), (7000, 1500));
            assert_eq!((prepared.pipelines[0].inputs.len(), prepared.classes.len()), (8, 6));
        }
    }
}

#[test]
fn the_grid_file_that_the_readme_explains_is_one() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let block = readme.split("```jsonc\n").nth(1).unwrap().split("```").next().unwrap();
    let code = block.lines().map(|line| line.split("//").next().unwrap_or_default());
    let study = spec::parse(&root().join("README.json"), &code.collect::<String>()).unwrap();
    // Of networks, and two forests.
    assert_eq!(study.file.trials(), (1 + 2 + 1) * 2 * 2 * 2 * 2 + 2);
}

#[test]
fn the_shipped_schema_is_the_one_that_the_binary_prints() {
    let shipped = fs::read_to_string(root().join("grids/schema.json")).unwrap();
    let printed = run(forewarn(root()).arg("schema")).success().stdout();
    assert_eq!(shipped, printed, "run: forewarn schema > grids/schema.json");
    let schema: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(schema["additionalProperties"], false);
    assert!(schema["properties"]["grid"].is_object());
}

#[test]
fn the_embedded_table_is_what_its_command_makes() {
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("made.csv");
    let arguments = ["synth", "ai4i", "--rows", "10000", "--seed", "42", "--out", "made.csv"];
    run(forewarn(folder.path()).args(arguments)).success();
    let embedded = fs::read(root().join("data/ai4i_synthetic.csv")).unwrap();
    assert!(fs::read(made).unwrap() == embedded, "data/ai4i_synthetic.csv was made otherwise");
}
