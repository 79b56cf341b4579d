//! Numbers by bins: the limits of failure rules are found, and a model keeps them.

use forewarn::data::Table;
use forewarn::prepare::{FittedStep, Prepared, Tables, prepare};
use forewarn::spec;
use serde_json::{Value, json};

use crate::support::{Bench, ai4i};

fn prepared(text: &str, features: Value, steps: Value) -> Prepared {
    let grid = json!({
        "name": "x",
        "data": {"source": {"file": "x.csv"}, "target": "Failure Type", "features": features},
        "steps": steps,
        "grid": {"learning_rate": [0.1], "optimizer": ["adam"], "epochs": [1], "hidden": [[4]]}
    });
    let grid = spec::parse(std::path::Path::new("x.json"), &grid.to_string()).unwrap().file;
    let table = Table::parse("x.csv", text.as_bytes()).unwrap();
    prepare(&table, &Tables::new(), &grid, 1).unwrap()
}

/// The readings of AI4I and what its failure rules are made of, then the steps.
fn of_rules(rows: usize, bins: Value, more: &[Value]) -> Prepared {
    let derive = json!({"derive": {
        "difference": "process_temperature - air_temperature",
        "power": "torque * rotational_speed * 2 * pi() / 60",
    }});
    let steps = [[derive, bins].as_slice(), more].concat();
    let features = json!([
        "Air temperature [K]",
        "Process temperature [K]",
        "Rotational speed [rpm]",
        "Torque [Nm]"
    ]);
    prepared(&ai4i(rows), features, json!(steps))
}

/// The edges of a column in the first fold.
fn edges(prepared: &Prepared, column: &str) -> Vec<f64> {
    let fitted = prepared.pipelines[0].steps.iter();
    let columns = fitted.filter_map(|step| match step {
        FittedStep::Bins(bins) => bins.columns.get(column),
        _ => None,
    });
    columns.flatten().copied().collect()
}

#[test]
fn the_limits_of_failure_rules_are_among_the_edges() {
    let prepared = of_rules(10_000, json!({"bins": {}}), &[]);
    for (column, limit, near) in [
        ("difference", 8.6, 0.1),
        ("Rotational speed [rpm]", 1380.0, 10.0),
        ("power", 3500.0, 50.0),
        ("power", 9000.0, 100.0),
    ] {
        let edges = edges(&prepared, column);
        let found = edges.iter().any(|edge: &f64| (edge - limit).abs() < near);
        assert!(found, "{column}: {limit} is not among {edges:?}");
        assert!(edges.len() < 8, "{column}: {edges:?}");
    }
}

#[test]
fn a_row_is_encoded_alone_as_it_is_among_many() {
    let text = ai4i(3000);
    let (header, lines) = text.split_once('\n').unwrap();
    let transformed = |prepared: &Prepared, text: &str| {
        let table = Table::parse("x.csv", text.as_bytes()).unwrap();
        prepared.pipelines[0].transform(&table, &Tables::new(), None).unwrap().matrix
    };
    for by in ["target", "quantiles"] {
        for encode in ["thresholds", "piecewise_linear", "one_hot"] {
            let bins = json!({"bins": {"by": by, "encode": encode, "keep": by == "target"}});
            let prepared = of_rules(3000, bins, &[json!({"scale": {}})]);
            let all = transformed(&prepared, &text);
            for row in [0, 17, 2999] {
                let line = lines.lines().nth(row).unwrap();
                let alone = transformed(&prepared, &format!("{header}\n{line}\n"));
                assert_eq!(alone.values(), all.row(row), "{by}, {encode}, row {row}");
            }
        }
    }
}

#[test]
fn thresholds_are_left_alone_by_scale_and_the_number_goes_where_it_is_not_kept() {
    let scale = [json!({"scale": {}})];
    let bins = json!({"bins": {"columns": ["torque"], "by": "quantiles", "count": 4}});
    let kept = of_rules(3000, bins, &scale);
    let torque = edges(&kept, "Torque [Nm]");
    let [first, second, third] = torque[..] else { panic!("{torque:?}") };
    let inputs = &kept.pipelines[0].inputs;
    assert!(inputs.contains(&"Torque [Nm]".to_owned()));
    assert_eq!(inputs[6], format!("Torque [Nm]>{first}"));
    let train = &kept.folds[0].train.features;
    for row in train.values().chunks_exact(inputs.len()) {
        assert!(row[6..].iter().all(|&cell| cell == 0.0 || cell == 1.0), "{row:?}");
        assert!(row[6..].is_sorted_by(|one, other| one >= other), "a thermometer: {row:?}");
    }
    let bins = json!({"bins": {
        "columns": ["torque"], "by": "quantiles", "count": 4, "encode": "one_hot", "keep": false
    }});
    let gone = of_rules(3000, bins, &scale);
    let bins = [
        format!("Torque [Nm]=..{first}"),
        format!("Torque [Nm]={first}..{second}"),
        format!("Torque [Nm]={second}..{third}"),
        format!("Torque [Nm]={third}.."),
    ];
    assert_eq!(gone.pipelines[0].inputs[3..7], bins);
    assert!(!gone.pipelines[0].inputs.contains(&"Torque [Nm]".to_owned()));
}

#[test]
fn a_column_without_an_edge_stays_as_it_is_and_is_noted() {
    let rows = (0..60).map(|row| format!("5,{row},{}\n", u8::from(row > 30)));
    let text = format!("same,x,Failure Type\n{}", rows.collect::<String>());
    for by in ["target", "quantiles"] {
        let bins = json!([{"bins": {"by": by, "count": 2, "keep": false}}]);
        let prepared = prepared(&text, json!(["same", "x"]), bins);
        let inputs = &prepared.pipelines[0].inputs;
        assert!(inputs.len() == 2 && inputs[0] == "same", "{inputs:?}");
        let said = |note: &String| note.starts_with("bins: none of \"same\"");
        assert!(prepared.notes.iter().any(said), "{:?}", prepared.notes);
    }
}

#[test]
fn missing_cells_are_left_for_other_steps_to_fill() {
    let bench = Bench::new();
    let rows = (0..60).map(|row| match row % 7 {
        0 => format!(",{}\n", row % 2),
        _ => format!("{row},{}\n", row % 2),
    });
    bench.write("data.csv", &format!("x,y\n{}", rows.collect::<String>()));
    let mut grid = bench.grid();
    grid["data"]["target"] = json!("y");
    grid["steps"] = json!([{"bins": {"by": "quantiles"}}]);
    bench.write_grid(&grid);
    assert!(bench.fails(4).contains("missing cell"));
    grid["steps"] = json!([{"fill": {"with": "median"}}, {"bins": {"by": "quantiles"}}]);
    bench.write_grid(&grid);
    bench.sweep("run");
}

#[test]
fn edges_that_are_none_are_a_damaged_model() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["steps"] = json!([{"bins": {"columns": ["RPM"]}}, {"scale": {}}]);
    bench.write_grid(&grid);
    bench.sweep("run");
    let model: Value = serde_json::from_str(&bench.read("run/best/model.json")).unwrap();
    let many: Vec<usize> = (0..1000).collect();
    for edges in [json!([]), json!([3, 2]), json!([2, 2]), json!([-1e308, 1e308]), json!(many)] {
        let mut model = model.clone();
        model["preparation"]["steps"][0]["bins"]["columns"]["RPM"] = edges;
        bench.write("run/best/model.json", &model.to_string());
        let evaluate = ["evaluate", "run", "--data", "data.csv"];
        let message = bench.forewarn(&evaluate).code(4).stderr();
        assert!(message.contains("no preparation"), "{message}");
    }
    bench.write("run/best/model.json", &model.to_string());
    bench.forewarn(&["evaluate", "run", "--data", "data.csv"]).success();
}
