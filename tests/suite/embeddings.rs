//! Embeddings in a whole run: which inputs they take, how tables show them, and what a model keeps.

use serde_json::{Value, json};

use crate::support::{Bench, ai4i, table};

/// A bench on a table of five numbers and a category of three, with this embedding.
fn bench(embedding: &Value) -> Bench {
    let bench = Bench::new();
    bench.write("data.csv", &ai4i(600));
    let mut grid = bench.grid();
    grid["data"]["target"] = json!("Target");
    grid["data"]["drop"] = json!(["UDI", "Product ID", "Failure Type"]);
    grid["grid"]["hidden"] = json!([[8]]);
    grid["grid"]["learning_rate"] = json!([0.01]);
    grid["grid"]["embedding"] = json!([embedding]);
    bench.write_grid(&grid);
    bench
}

fn periodic() -> Value {
    json!({"kind": "periodic", "frequencies": 5, "width": 2})
}

fn model(bench: &Bench) -> Value {
    serde_json::from_str(&bench.read("run/best/model.json")).unwrap()
}

#[test]
fn numbers_are_embedded_and_indicators_are_not() {
    let bench = bench(&periodic());
    let mut grid: Value = serde_json::from_str(&bench.read("grid.json")).unwrap();
    let bins = json!({"bins": {"columns": ["Torque"], "count": 3, "keep": true}});
    grid["steps"] = json!([{"one_hot": {}}, bins, {"scale": {}}]);
    bench.write_grid(&grid);
    bench.sweep("run");
    let trials = table(&bench.file("run/trials.csv"));
    assert_eq!(trials[0]["embedding"], "periodic(5;0.1;2)");
    let model = model(&bench);
    let numbers = &model["architecture"]["embedding"]["numbers"];
    let inputs = model["inputs"].as_array().unwrap();
    let name = |place: &Value| inputs[place.as_u64().unwrap() as usize].as_str().unwrap();
    let named: Vec<&str> = numbers.as_array().unwrap().iter().map(name).collect();
    let torque = "Torque [Nm]";
    let (air, process) = ("Air temperature [K]", "Process temperature [K]");
    assert_eq!(named, [air, process, "Rotational speed [rpm]", torque, "Tool wear [min]"]);
    assert!(inputs.len() > 8, "{inputs:?}");
    assert_eq!(model["modules"][0]["module"], "PeriodicEmbedding");
    assert_eq!(model["modules"][0]["args"], json!([numbers, 5, 0.1, 2]));
    assert_eq!(model["modules"][1]["args"], json!([inputs.len() + 10, 8]));
    let arguments = ["evaluate", "run", "--data", "data.csv"];
    bench.forewarn(&arguments).success();
}

#[test]
fn a_grid_whose_inputs_are_no_numbers_is_told_so_and_trains_plain_networks() {
    let bench = bench(&periodic());
    let mut grid: Value = serde_json::from_str(&bench.read("grid.json")).unwrap();
    grid["data"]["features"] = json!(["Type"]);
    bench.write_grid(&grid);
    let said = bench.forewarn(&["sweep", "grid.json", "--out", "run"]).success();
    let said = said.stdout() + &said.stderr();
    assert!(said.contains("embedding: no input is a number"), "{said}");
    assert_eq!(model(&bench)["architecture"].get("embedding"), None);
}

#[test]
fn the_python_beside_a_model_is_there_where_it_is_needed_and_is_no_other() {
    let with = bench(&periodic());
    with.sweep("run");
    let evaluate = ["evaluate", "run", "--data", "data.csv"];
    let code = with.read("run/best/network.py");
    assert!(code.contains("class PeriodicEmbedding"), "{code}");
    with.write("run/best/network.py", &(code + "\nprint('harm')\n"));
    let message = with.forewarn(&evaluate).code(4).stderr();
    assert!(message.contains("network.py"), "{message}");
    let mut grid: Value = serde_json::from_str(&with.read("grid.json")).unwrap();
    grid["grid"]["embedding"] = json!(["none"]);
    with.write_grid(&grid);
    with.forewarn(&["sweep", "grid.json", "--out", "run", "--overwrite", "-q"]).success();
    assert!(!with.file("run/best/network.py").exists());
    with.forewarn(&evaluate).success();
}

#[test]
fn an_embedding_that_is_none_is_refused_with_the_model() {
    let bench = bench(&periodic());
    bench.sweep("run");
    let sound = model(&bench);
    let most = u64::MAX;
    for (key, value) in [
        ("numbers", json!([])),
        ("numbers", json!([1, 1])),
        ("numbers", json!([900])),
        ("numbers", json!([most])),
        ("frequencies", json!(0)),
        ("frequencies", json!(most)),
        ("width", json!(0)),
        ("width", json!(most)),
        ("sigma", json!(0)),
        ("sigma", json!(-1)),
    ] {
        let mut model = sound.clone();
        model["architecture"]["embedding"][key] = value.clone();
        bench.write("run/best/model.json", &model.to_string());
        let message = bench.forewarn(&["evaluate", "run", "--data", "data.csv"]).code(4).stderr();
        assert!(message.contains("model.json: "), "{key} {value}: {message}");
    }
}

#[test]
fn a_run_with_an_embedding_is_gone_on_with() {
    let bench = bench(&periodic());
    bench.sweep("run");
    let kept = std::fs::read(bench.file("run/best/model.safetensors")).unwrap();
    std::fs::remove_dir_all(bench.file("run/best")).unwrap();
    bench.forewarn(&["sweep", "grid.json", "--out", "run", "--resume", "-q"]).success();
    assert!(kept == std::fs::read(bench.file("run/best/model.safetensors")).unwrap());
}
