//! A model.json from somebody who means harm: expressions that read files, overflow the stack or
//! never end, shapes that no file holds, modules that PyTorch should not make.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::Bench;

/// A bench with a run that derives a feature, and its model.json.
fn bench() -> (Bench, Value) {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["steps"] = json!([{"derive": {"d": "rpm * 2"}}, {"scale": {}}]);
    bench.write_grid(&grid);
    bench.sweep("run");
    let model = serde_json::from_str(&bench.read("run/best/model.json")).unwrap();
    (bench, model)
}

/// The error of a changed model.
fn refused(bench: &Bench, mut model: Value, change: impl FnOnce(&mut Value)) -> String {
    change(&mut model);
    bench.write("run/best/model.json", &model.to_string());
    let started = Instant::now();
    let message = bench.forewarn(&["evaluate", "run", "--data", "data.csv"]).code(4).stderr();
    assert!(started.elapsed() < Duration::from_mins(1), "{message}");
    message
}

#[test]
fn an_expression_reads_no_file_and_asks_no_other_table() {
    let (bench, model) = bench();
    for expression in [
        "rpm IN (SELECT RPM FROM read_csv('data.csv'))",
        "rpm IN (SELECT RPM FROM 'data.csv')",
        "rpm IN (SELECT 1)",
        "rpm > ANY (SELECT 1)",
        "(SELECT 1)",
        "length(repeat('x', 1000000000))",
    ] {
        let message = refused(&bench, model.clone(), |model| {
            let derive = &mut model["preparation"]["steps"][0]["derive"]["columns"];
            derive["d"]["sql"] = json!(expression);
        });
        assert!(message.contains("derive.d"), "{message}");
    }
}

#[test]
fn an_expression_without_end_is_an_error() {
    let (bench, model) = bench();
    let nested = |name: &str, depth: usize| {
        (0..depth).fold("rpm".to_owned(), |inner, _| format!("{name}({inner}, 1)"))
    };
    for (expression, told) in [
        ("rpm".to_owned() + &"+rpm".repeat(200_000), "more than 200"),
        ("rpm".to_owned() + &" BETWEEN 1 AND 2".repeat(40), "more than 1000 operations"),
        (nested("nullif", 11), "more than 1000 operations"),
        (nested("ceil", 44), "more than 200"),
        ("(".repeat(90) + "rpm" + &")".repeat(90), "nested 90 deep"),
        ("greatest()".to_owned(), "nothing between ( and )"),
    ] {
        let message = refused(&bench, model.clone(), |model| {
            let derive = &mut model["preparation"]["steps"][0]["derive"]["columns"];
            derive["d"]["sql"] = json!(expression);
        });
        assert!(message.contains("derive.d") && message.contains(told), "{message}");
    }
    bench.write("run/best/model.json", &model.to_string());
    bench.forewarn(&["evaluate", "run", "--data", "data.csv"]).success();
}

#[test]
fn shapes_that_no_file_holds_and_modules_of_other_kinds_are_refused() {
    let (bench, model) = bench();
    let most = u64::MAX;
    for widths in [json!([most]), json!([most, most]), json!([1 << 20, 1 << 20])] {
        let message = refused(&bench, model.clone(), |model| {
            model["architecture"]["hidden"] = widths;
        });
        assert!(message.contains("model.json: modules and architecture"), "{message}");
    }
    // The shapes agree with each other, but not with the file of weights.
    let message = refused(&bench, model.clone(), |model| {
        let (inputs, classes) = (5, 2);
        model["architecture"]["hidden"] = json!([most]);
        model["modules"] = json!([
            {"module": "Linear", "args": [inputs, most]},
            {"module": "ReLU", "args": []},
            {"module": "Linear", "args": [most, classes]},
        ]);
    });
    assert!(message.contains("model.safetensors"), "{message}");
    for module in ["DataParallel", "Module", "ReLU6"] {
        let message = refused(&bench, model.clone(), |model| {
            model["modules"][1]["module"] = json!(module);
        });
        assert!(message.contains("model.json: modules and architecture"), "{message}");
    }
    let message = refused(&bench, model, |model| model["inputs"][0] = json!("RPM (of another)"));
    assert!(message.contains("model.json: inputs and preparation"), "{message}");
}
