//! The files of every family's models: opened elsewhere, of earlier formats, damaged.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};

use forewarn::model::{Ensemble, Member, Model};
use forewarn::spec::Family;
use serde_json::{Value, json};

use crate::families::{FAMILIES, MODELS, grid, has_libraries};
use crate::support::{Bench, ai4i, ask_python, pytorch, root, skip, table};

/// LightGBM's and XGBoost's own Python open their files, ten lines of NumPy a forest, and ten more combine
/// several models; all say what we say.
#[test]
fn files_open_where_such_models_live() {
    let test = "families: files in Python";
    if !has_libraries(test) {
        return;
    }
    let Some(python) = pytorch(test) else { return };
    let probe = Command::new(&python)
        .args(["-c", "import lightgbm, xgboost"])
        .stderr(Stdio::null())
        .status();
    if !probe.is_ok_and(|status| status.success()) {
        return skip(
            test,
            "pytorch",
            "its Python lacks lightgbm or xgboost: `make test` fetches them",
        );
    }
    let bench = Bench::new();
    let whole = ai4i(6000);
    bench.write("data.csv", &whole);
    bench.write(
        "some.csv",
        &whole.lines().take(200).map(|line| format!("{line}\n")).collect::<String>(),
    );
    let mut grid = grid(&bench);
    grid["data"] = json!({
        "source": {"file": "data.csv"},
        "target": "Failure Type",
        "features": ["Air temperature [K]", "Rotational speed [rpm]", "Torque [Nm]", "Tool wear [min]"]
    });
    grid["steps"] = json!([]);
    let variants = grid["variants"].as_object_mut().unwrap();
    variants.retain(|name, _| {
        ["forest", "extra", "boosted", "xgb", "near", "linear"].contains(&name.as_str())
    });
    grid["model"] = json!({
        "bagged": true, "stacked": {}, "ensemble": {"size": 4}, "calibration": "temperature"
    });
    bench.write_grid(&grid);
    bench.sweep("run");
    let families = FAMILIES.into_iter().filter(|(_, family)| *family != "mlp");
    let blocks: BTreeMap<_, _> =
        families.map(|(_, family)| (family, docs_block(|title| title.contains(family)))).collect();
    let furthest = |model: &str, mut question: Value| {
        let rows = ["--data", "some.csv", "--out", "told.csv", "--overwrite"];
        bench.forewarn(&[&["predict", model], rows.as_slice()].concat()).success();
        question["folder"] = json!(bench.file(model));
        question["predictions"] = json!(bench.file("told.csv"));
        let answer = ask_python(&python, &root().join("tests/python/families.py"), &question);
        answer.as_f64().unwrap()
    };
    // Predictions are written with the digits of 32-bit floats.
    for (family, block) in &blocks {
        let furthest = furthest(&format!("run/families/{family}"), json!({"code": block}));
        assert!(furthest < 1e-6, "{family}: {furthest}");
    }
    let combined = docs_block(|title| title.contains("stacked"));
    for model in ["best", "stacked", "ensemble"] {
        let parts = bench.file(&format!("parts_{model}"));
        let question = json!({"code": combined, "families": blocks, "parts": parts});
        let furthest = furthest(&format!("run/{model}"), question);
        assert!(furthest < 1e-6, "{model}: {furthest}");
        // Each part is a model of its own.
        let first = format!("parts_{model}/0");
        bench.forewarn(&["evaluate", &first, "--data", "data.csv"]).success();
    }
}

/// The Python of the docs whose first line is the one that is wanted.
fn docs_block(is_wanted: impl Fn(&str) -> bool) -> String {
    let docs = fs::read_to_string(root().join("docs/families.md")).unwrap();
    let mut blocks = docs.split("```python\n").skip(1);
    let block = blocks.find(|block| is_wanted(block.lines().next().unwrap())).unwrap();
    block.split("```").next().unwrap().to_owned()
}

/// Each family's list of axes in the docs is the one that the program has.
#[test]
fn the_docs_list_every_axis_of_every_family() {
    let docs = fs::read_to_string(root().join("docs/families.md")).unwrap();
    for family in Family::ALL {
        let title = format!("`{family}`");
        let is_of_family = |text: &&str| {
            text.starts_with("**`") && text.split("**:").next().unwrap().contains(&title)
        };
        let list = docs.split("\n\n").find(is_of_family).unwrap_or_else(|| panic!("no {family}"));
        for axis in family.axes() {
            assert!(list.contains(&format!("`{axis}`")), "{family}: {axis}");
        }
    }
}

/// A folder of every format and family that was ever written, with what its model said then.
#[test]
fn models_of_earlier_formats_are_read_and_say_what_they_said() {
    let models = root().join("tests/models");
    let bench = Bench::new();
    let mut folders: Vec<_> = fs::read_dir(&models).unwrap().flatten().collect();
    folders.retain(|entry| entry.path().is_dir());
    assert!(folders.len() >= 8, "{folders:?}");
    for folder in folders.iter().map(fs::DirEntry::path) {
        let model = folder.to_str().unwrap();
        let rows = models.join("rows.csv");
        let rows = rows.to_str().unwrap();
        let predict = ["predict", model, "--data", rows, "--out", "now.csv", "--overwrite"];
        bench.forewarn(&predict).success();
        let then = table(&folder.join("predicted.csv"));
        let now = table(&bench.file("now.csv"));
        assert_eq!(then.len(), now.len());
        for (then, now) in then.iter().zip(&now) {
            assert_eq!(then["predicted"], now["predicted"], "{model}");
            let number = |row: &std::collections::HashMap<String, String>| {
                row["probability_1"].parse::<f64>().unwrap()
            };
            assert!((number(then) - number(now)).abs() < 1e-6, "{model}");
        }
    }
}

/// The tensors of all members are in one file, which is larger than any of them alone may be.
#[test]
fn an_ensemble_of_many_models_is_read_again() {
    let models = root().join("tests/models");
    let [network, forest] = ["format_5_mlp", "format_5_random_forest"]
        .map(|name| Ensemble::load(&models.join(name)).unwrap().members()[0].model.clone());
    let of = |model: Model| Member { input: 0, weight: 1.0 / 400.0, temperature: 1.0, model };
    let members = (0..200).flat_map(|_| [of(network.clone()), of(forest.clone())]).collect();
    let ensemble = Ensemble::mean(members, network.description.decision.clone()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    ensemble.save(folder.path()).unwrap();
    assert!(fs::metadata(folder.path().join("model.safetensors")).unwrap().len() > 200_000);
    assert_eq!(Ensemble::load(folder.path()).unwrap().members().len(), 400);
}

#[test]
fn model_folders_of_other_families_and_damaged_files_are_refused() {
    if !has_libraries("families: damaged models") {
        return;
    }
    let bench = Bench::new();
    bench.write_grid(&grid(&bench));
    bench.sweep("run");
    let evaluate = |model: &str| bench.forewarn(&["evaluate", model, "--data", "data.csv"]);
    for (_, family) in FAMILIES {
        let folder = format!("run/families/{family}");
        let sound = bench.read(&format!("{folder}/model.json"));
        for (_, other) in FAMILIES.into_iter().filter(|(_, other)| *other != family) {
            // Both kinds of forests are the same to who predicts.
            if family != "mlp"
                && [family, other].iter().all(|one| ["random_forest", "extra_trees"].contains(one))
            {
                continue;
            }
            let mut described: Value = serde_json::from_str(&sound).unwrap();
            described["family"] = json!(other);
            bench.write(&format!("{folder}/model.json"), &described.to_string());
            let message = evaluate(&folder).code(4).stderr();
            let named = message.contains("model.") || message.contains("xgboost.json");
            assert!(named, "{family} as {other}: {message}");
        }
        bench.write(&format!("{folder}/model.json"), &sound);
        let file = MODELS.map(|name| bench.file(&format!("{folder}/{name}")));
        let file = file.iter().find(|path| path.exists()).unwrap();
        let bytes = fs::read(file).unwrap();
        fs::write(file, &bytes[..bytes.len() / 2]).unwrap();
        let message = evaluate(&folder).code(4).stderr();
        assert!(message.contains(file.file_name().unwrap().to_str().unwrap()), "{message}");
    }
    bench.forewarn(&["sweep", "grid.json", "--out", "run", "--quiet", "--overwrite"]).success();
    for (family, name, from, to) in [
        ("gradient_boosting", "model.txt", "left_child=", "left_child=1000000 "),
        ("gradient_boosting", "model.txt", "left_child=", "left_child=-1000000 "),
        ("gradient_boosting", "model.txt", "left_child=", "left_child=0 "),
        ("gradient_boosting", "model.txt", "split_feature=", "split_feature=99 "),
        ("gradient_boosting", "model.txt", "num_leaves=", "num_leaves=9999999"),
        ("xgboost", "xgboost.json", "\"left_children\":[1", "\"left_children\":[0"),
        ("xgboost", "xgboost.json", "\"left_children\":[1", "\"left_children\":[1000000"),
        ("xgboost", "xgboost.json", "\"split_indices\":[", "\"split_indices\":[9"),
        ("xgboost", "xgboost.json", "\"version\":[3,4,", "\"version\":[3,3,"),
        ("xgboost", "xgboost.json", "\"num_feature\":\"4\"", "\"num_feature\":\"5\""),
    ] {
        let file = bench.file(&format!("run/families/{family}/{name}"));
        let sound = fs::read_to_string(&file).unwrap();
        assert!(sound.contains(from), "{from}");
        fs::write(&file, sound.replacen(from, to, 1)).unwrap();
        let message = evaluate(&format!("run/families/{family}")).code(4).stderr();
        assert!(message.contains(name), "{message}");
        fs::write(&file, sound).unwrap();
    }
}
