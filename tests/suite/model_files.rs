//! The best model's files: in PyTorch, in `evaluate`, in `predict`.

use std::fs;
use std::process::Command;

use forewarn::families::{Fitted, Network};
use serde_json::{Value, json};

use crate::support::{Bench, motor, pytorch, root, table};

/// The first Python block of the README's section on the model.
fn readme_snippet() -> String {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let section = readme.split("## The model in PyTorch").nth(1).expect("the section");
    let block = section.split("```python\n").nth(1).expect("the block");
    block.split("```").next().unwrap().to_owned()
}

#[test]
fn pytorch_loads_the_model_by_the_readmes_lines_and_computes_the_same_logits() {
    let name = "pytorch_loads_the_model_by_the_readmes_lines_and_computes_the_same_logits";
    let Some(python) = pytorch(name) else { return };
    let plain = [
        ("relu", "none"),
        ("gelu", "batch"),
        ("silu", "layer"),
        ("tanh", "batch"),
        ("sigmoid", "layer"),
    ];
    let plain = plain.map(|(activation, norm)| (activation, norm, json!("none")));
    let embedded = ("tanh", "batch", json!({"kind": "periodic", "frequencies": 7, "sigma": 0.5}));
    for (activation, norm, embedding) in plain.into_iter().chain([embedded]) {
        let bench = Bench::new();
        let mut grid = bench.grid();
        grid["grid"]["activation"] = json!([activation]);
        grid["grid"]["norm"] = json!([norm]);
        grid["grid"]["embedding"] = json!([embedding]);
        grid["grid"]["dropout"] = json!([0.1]);
        bench.write_grid(&grid);
        bench.sweep("outputs/quickstart");
        let run = bench.file("outputs/quickstart");
        let model = forewarn::model::Ensemble::load(&run).unwrap().members()[0].model.clone();
        let rows =
            forewarn::examples::Matrix::new(4, (0..40).map(|at| at as f32 / 9.0 - 2.0).collect());
        let engine = forewarn::engine::native::NativeEngine::new(&[]);
        let Fitted::Network(Network { architecture, weights, .. }) = &model.fitted else {
            panic!("no network")
        };
        let ours = forewarn::engine::Engine::logits(&engine, architecture, weights, &rows).unwrap();
        let script = format!(
            "{}\nrows = [[(row * 4 + column) / 9 - 2 for column in range(4)] for row in range(10)]\n\
             print(json.dumps(network(torch.tensor(rows)).flatten().tolist()))\n",
            readme_snippet()
        );
        let output =
            Command::new(&python).current_dir(bench.path()).args(["-c", &script]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let theirs: Vec<f64> = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(ours.len(), theirs.len());
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert!((f64::from(*ours) - theirs).abs() < 1e-5, "{activation}: {ours}, not {theirs}");
        }
    }
}

#[test]
fn evaluate_finds_the_metrics_of_the_table_it_is_given() {
    let bench = Bench::new();
    bench.sweep("run");
    let arguments = ["evaluate", "run", "--data", "data.csv", "--out", "metrics.json"];
    let shown = bench.forewarn(&arguments).success().stdout();
    assert!(shown.contains("macro average") && shown.contains("MCC"), "{shown}");
    let all: Value = serde_json::from_str(&bench.read("metrics.json")).unwrap();
    let best: Value = serde_json::from_str(&bench.read("run/best/metrics.json")).unwrap();
    // The whole table is the three parts together.
    let right: f64 = ["train", "valid", "test"]
        .iter()
        .map(|part| best[part]["accuracy"].as_f64().unwrap() * best[part]["rows"].as_f64().unwrap())
        .sum();
    assert!((all["accuracy"].as_f64().unwrap() * 400.0 - right).abs() < 1e-6);
    assert!(bench.forewarn(&arguments).code(5).stderr().contains("--overwrite"));
}

#[test]
fn predict_writes_class_and_probabilities_beside_the_rows() {
    let bench = Bench::new();
    bench.sweep("run");
    // Rows without the target, in another spelling and another order of columns.
    let text = motor(50);
    let lines = text.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        format!("{}\t{}\t{}\t{}\n", cells[3], cells[2], cells[1], cells[0])
    });
    let lines: String = lines.collect();
    bench.write("new.csv", &format!("current\tVIBRATION\ttemperature\trpm\n{lines}"));
    bench.forewarn(&["predict", "run/best", "--data", "new.csv", "--out", "out.csv"]).success();
    let rows = table(&bench.file("out.csv"));
    assert_eq!(rows.len(), 50);
    let source = table(&bench.file("data.csv"));
    for (row, source) in rows.iter().zip(&source) {
        let number = |row: &std::collections::HashMap<String, String>, name: &str| {
            row[name].parse::<f64>().unwrap()
        };
        assert_eq!(number(row, "rpm"), number(source, "RPM"));
        let (off, on) = (number(row, "probability_0"), number(row, "probability_1"));
        assert!((off + on - 1.0).abs() < 1e-6);
        assert_eq!(row["predicted"], if on > off { "1" } else { "0" });
    }
}

#[test]
fn predict_keeps_the_cells_as_they_are_written() {
    let bench = Bench::new();
    bench.sweep("run");
    let add = |(row, line): (usize, &str)| match row {
        0 => format!("{line},Id,Note\n"),
        _ => format!("{line},000{row}1234567890123456,NA\n"),
    };
    bench.write("new.csv", &motor(5).lines().enumerate().map(add).collect::<String>());
    bench.forewarn(&["predict", "run", "--data", "new.csv", "--out", "out.csv"]).success();
    let (given, made) = (bench.read("new.csv"), bench.read("out.csv"));
    for (given, made) in given.lines().zip(made.lines()) {
        assert!(made.starts_with(&format!("{given},")), "{made}");
    }
    let again = ["predict", "run", "--data", "new.csv", "--out", "-"];
    assert_eq!(bench.forewarn(&again).success().stdout(), bench.read("out.csv"));
    // Its own output has the columns that it would add.
    let again = ["predict", "run", "--data", "out.csv", "--out", "again.csv"];
    let message = bench.forewarn(&again).code(4).stderr();
    assert!(message.contains("\"predicted\"") && message.contains("out.csv"), "{message}");
}

/// A bench whose model learnt from a category.
fn with_category(unseen: &str) -> Bench {
    let bench = Bench::new();
    let text = motor(400);
    let add = |(number, line): (usize, &str)| match number {
        0 => format!("{line},Site\n"),
        _ => format!("{line},{}\n", ["north", "south"][number % 2]),
    };
    bench.write("data.csv", &text.lines().enumerate().map(add).collect::<String>());
    let mut grid = bench.grid();
    grid["steps"] = json!([{"one_hot": {"unseen": unseen}}, {"scale": {}}]);
    bench.write_grid(&grid);
    bench.sweep("run");
    bench.write("new.csv", &bench.read("data.csv").replacen("south", "east", 3));
    bench
}

#[test]
fn an_unseen_category_is_an_error_that_names_it() {
    let bench = with_category("error");
    let message = bench
        .forewarn(&["predict", "run", "--data", "new.csv", "--out", "out.csv"])
        .code(4)
        .stderr();
    assert!(
        message.contains("east") && message.contains("row 1") && message.contains("Site"),
        "{message}"
    );
    assert!(!bench.file("out.csv").exists());
}

#[test]
fn an_unseen_category_is_counted_where_it_is_to_be_ignored() {
    let bench = with_category("ignore");
    let shown = bench
        .forewarn(&["predict", "run", "--data", "new.csv", "--out", "out.csv"])
        .success()
        .stdout();
    assert!(shown.contains("3 cells"), "{shown}");
}

#[test]
fn a_category_that_the_train_rows_of_a_fold_lack_narrows_its_networks() {
    let bench = with_category("ignore");
    // Of a single row each, so that they are validation rows of one fold and train rows of others.
    let text = (0..5).fold(bench.read("data.csv"), |text, site| {
        text.replacen("south", &format!("east {site}"), 1)
    });
    bench.write("data.csv", &text);
    let mut grid: Value = serde_json::from_str(&bench.read("grid.json")).unwrap();
    grid["split"] = json!({"folds": {"count": 3, "test": 0.2}});
    bench.write_grid(&grid);
    for engine in ["native", "torch"] {
        let sweep = ["sweep", "grid.json", "--out", engine, "--engine", engine, "--device", "cpu"];
        bench.forewarn(&sweep).success();
        let model = bench.read(&format!("{engine}/best/model.json"));
        let model: Value = serde_json::from_str(&model).unwrap();
        let inputs = model["inputs"].as_array().unwrap().len();
        assert_eq!(model["architecture"]["inputs"], inputs);
        bench.forewarn(&["evaluate", engine, "--data", "data.csv"]).success();
    }
}

#[test]
fn a_missing_column_and_a_missing_cell_are_errors() {
    let bench = Bench::new();
    bench.sweep("run");
    bench.write("new.csv", &motor(20).replacen("RPM", "Speed", 1));
    let predict = ["predict", "run", "--data", "new.csv", "--out", "out.csv"];
    let message = bench.forewarn(&predict).code(4).stderr();
    assert!(message.contains("RPM") && message.contains("Speed"), "{message}");
    bench.write("new.csv", "RPM,Temperature,Vibration,Current\n1500,20,0.1,3\n1500,,0.1,3\n");
    let message = bench.forewarn(&predict).code(4).stderr();
    assert!(message.contains("row 2") && message.contains("Temperature"), "{message}");
    assert!(!bench.file("out.csv").exists());
}

#[test]
fn a_damaged_model_is_refused_with_the_file_and_the_reason() {
    let bench = Bench::new();
    bench.sweep("run");
    let evaluate = ["evaluate", "run", "--data", "data.csv"];
    let (json_path, weights) =
        (bench.file("run/best/model.json"), bench.file("run/best/model.safetensors"));
    let (json_text, bytes) = (fs::read_to_string(&json_path).unwrap(), fs::read(&weights).unwrap());
    fs::write(&weights, &bytes[..bytes.len() - 9]).unwrap();
    assert!(bench.forewarn(&evaluate).code(4).stderr().contains("model.safetensors"));
    let mut no_number = bytes.clone();
    no_number.splice(bytes.len() - 4.., f32::NAN.to_le_bytes());
    fs::write(&weights, &no_number).unwrap();
    assert!(bench.forewarn(&evaluate).code(4).stderr().contains("holds NaN"));
    fs::write(&weights, &bytes).unwrap();
    let changes = [
        ("\"format\": 6", "\"format\": 9"),
        ("\"hidden\": [", "\"hidden\": [77, "),
        ("\"center\": ", "\"center\": 1e999, \"was\": "),
        ("{", "["),
    ];
    let mut no_scale: Value = serde_json::from_str(&json_text).unwrap();
    no_scale["preparation"]["steps"][1]["scale"]["columns"]["RPM"]["linear"]["scale"] = json!(0.0);
    fs::write(&json_path, no_scale.to_string()).unwrap();
    let message = bench.forewarn(&evaluate).code(4).stderr();
    assert!(message.contains("no preparation"), "{message}");
    for (from, to) in changes {
        fs::write(&json_path, json_text.replacen(from, to, 1)).unwrap();
        let message = bench.forewarn(&evaluate).code(4).stderr();
        assert!(message.contains("model.json"), "{from}: {message}");
    }
    fs::remove_file(&json_path).unwrap();
    assert!(bench.forewarn(&evaluate).code(4).stderr().contains("no model here"));
}

#[test]
fn kinds_that_disagree_are_a_damaged_model() {
    let bench = Bench::new();
    bench.sweep("run");
    let text = bench.read("run/best/model.json").replacen("\"number\"", "\"text\"", 1);
    bench.write("run/best/model.json", &text);
    let said = bench.forewarn(&["evaluate", "run", "--data", "data.csv"]).code(4).stderr();
    assert!(said.contains("does not hold numbers"), "{said}");
}
