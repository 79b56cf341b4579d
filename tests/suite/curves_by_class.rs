//! ROC, precision-recall, gain and reliability of a run: the files, the page, the plots.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::browser::{dump, seen};
use crate::support::{Bench, ai4i, skip, table};

const TABLES: [&str; 4] = ["roc", "precision_recall", "cumulative_gain", "reliability"];

fn number(row: &HashMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap()
}

/// A bench with a calibrated run and an ensemble.
fn calibrated() -> Bench {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["model"] = json!({"calibration": "temperature", "ensemble": {"size": 3, "candidates": 3}});
    bench.write_grid(&grid);
    bench.sweep("run");
    bench
}

fn metrics(bench: &Bench, folder: &str) -> Value {
    serde_json::from_str(&bench.read(&format!("run/{folder}/metrics.json"))).unwrap()
}

#[test]
fn the_files_of_a_model_agree_with_its_metrics() {
    let bench = calibrated();
    for folder in ["best", "ensemble"] {
        let metrics = metrics(&bench, folder);
        let read = |name: &str| table(&bench.file(&format!("run/{folder}/{name}.csv")));
        let [roc, precision, gain, bins] = TABLES.map(read);
        for part in ["train", "valid", "test"] {
            for class in metrics[part]["per_class"].as_array().unwrap() {
                let of_class = |rows: &[HashMap<String, String>], x: &str, y: &str| {
                    let own = rows
                        .iter()
                        .filter(|row| row["part"] == part && class["class"] == row["class"]);
                    own.map(|row| (number(row, x), number(row, y))).collect::<Vec<_>>()
                };
                let roc = of_class(&roc, "false_positive_rate", "true_positive_rate");
                let trapezoid = |pair: &[(f64, f64)]| {
                    (pair[1].0 - pair[0].0) * f64::midpoint(pair[0].1, pair[1].1)
                };
                let area: f64 = roc.windows(2).map(trapezoid).sum();
                assert!((area - class["roc_auc"].as_f64().unwrap()).abs() < 1e-9, "{part} {class}");
                let ends = [roc[0], *roc.last().unwrap()];
                assert_eq!(ends, [(0.0, 0.0), (1.0, 1.0)]);
                let steps = of_class(&precision, "recall", "precision");
                let area: f64 =
                    steps.windows(2).map(|pair| (pair[1].0 - pair[0].0) * pair[1].1).sum();
                // More rows than points: thinned.
                let near = if metrics[part]["rows"].as_u64() < Some(200) { 1e-9 } else { 0.01 };
                assert!((area - class["pr_auc"].as_f64().unwrap()).abs() < near, "{part} {class}");
                let found = of_class(&gain, "share_of_rows", "share_of_class");
                assert!(found.len() <= 200 && found.windows(2).all(|pair| pair[0].1 <= pair[1].1));
            }
            let error = |when: &str| {
                let own =
                    || bins.iter().filter(|row| row["part"] == part && row["calibration"] == when);
                let rows: f64 = own().map(|row| number(row, "rows")).sum();
                assert_eq!(rows, metrics[part]["rows"].as_f64().unwrap(), "{part} {when}");
                let apart = own().map(|row| {
                    number(row, "rows") / rows
                        * (number(row, "accuracy") - number(row, "mean_confidence")).abs()
                });
                apart.sum::<f64>()
            };
            let told = metrics[part]["expected_calibration_error"].as_f64().unwrap();
            assert!((error("after") - told).abs() < 1e-12 && (error("before") - told).abs() > 1e-6);
        }
    }
}

#[test]
fn evaluate_tells_the_calibration_error() {
    let bench = calibrated();
    let arguments = ["evaluate", "run", "--data", "data.csv", "--out", "metrics.json"];
    let said = bench.forewarn(&arguments).success().stdout();
    let metrics: Value = serde_json::from_str(&bench.read("metrics.json")).unwrap();
    let error = metrics["expected_calibration_error"].as_f64().unwrap();
    assert!(said.contains(&format!("calibration error {error:.4}")), "{said}");
}

/// A reader of the sections.
const USER: &str = r##"
<script>
addEventListener("load", () => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const look = () => ({
    curves: all("#class-curves .squares svg").map((svg) => svg.querySelectorAll("path.of-class").length),
    legend: all("#class-curves tbody tr").map((row) => [...row.children].map((cell) => cell.textContent)),
    lines: all("#reliability path.of-class").length,
    bars: all("#reliability rect").length,
    errors: all("#reliability .key span").map((one) => one.textContent),
  });
  const turn = (section) => {
    const select = document.querySelector(`${section} select`);
    if (select === null) return;
    select.value = "train";
    select.dispatchEvent(new Event("change"));
  };
  const run = () => {
    const seen = { sections: all("main section").map((one) => one.id), test: look() };
    const figure = document.querySelector("#class-curves figure");
    figure?.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
    seen.tip = figure?.querySelector(".tip").innerText ?? "";
    seen.said = document.querySelector("#class-curves p")?.textContent ?? "";
    turn("#class-curves");
    turn("#reliability");
    setTimeout(() => {
      seen.train = look();
      document.documentElement.dataset.seen = JSON.stringify(seen);
    }, 300);
  };
  setTimeout(run, 300);
});
</script>
"##;

/// What the reader sees of the report; nothing without a browser.
fn read(bench: &Bench, test: &str) -> Option<Value> {
    bench.write("run/used.html", &(bench.read("run/report.html") + USER));
    let Some(document) = dump(bench, "run/used.html") else {
        skip(test, "chromium", "it is not installed");
        return None;
    };
    assert!(document.contains(r#"<p id="notice" role="alert" hidden"#), "a part is not drawn");
    Some(seen(&document))
}

#[test]
fn the_page_draws_a_curve_a_class_and_its_scores_part_by_part() {
    let bench = calibrated();
    let name = "the_page_draws_a_curve_a_class_and_its_scores_part_by_part";
    let Some(seen) = read(&bench, name) else { return };
    let metrics = metrics(&bench, "best");
    for part in ["test", "train"] {
        let shown = &seen[part];
        assert_eq!(shown["curves"], json!([2, 2, 2]), "{part}: {seen}");
        for (place, class) in metrics[part]["per_class"].as_array().unwrap().iter().enumerate() {
            let row = &shown["legend"][place];
            let score = |name: &str| format!("{:.4}", class[name].as_f64().unwrap());
            assert_eq!(row[0], class["class"]);
            assert_eq!((&row[3], &row[4]), (&json!(score("roc_auc")), &json!(score("pr_auc"))));
        }
        assert_eq!(shown["lines"], 2);
        let error = metrics[part]["expected_calibration_error"].as_f64().unwrap();
        let told = format!("after calibration: expected calibration error {error:.4}");
        assert_eq!(shown["errors"][1], told, "{part}");
        assert!(shown["bars"].as_u64().unwrap() > 4, "{seen}");
    }
    assert!(seen["tip"].as_str().unwrap().contains("true positive rate"), "{seen}");
}

#[test]
fn a_model_that_is_not_calibrated_has_one_line_and_a_run_without_test_rows_shows_validation_rows() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["split"] = json!({"shares": {"train": 0.7, "valid": 0.3, "test": 0}});
    bench.write_grid(&grid);
    bench.sweep("run");
    for name in TABLES {
        let rows = table(&bench.file(&format!("run/best/{name}.csv")));
        assert!(rows.iter().all(|row| row["part"] != "test"), "{name}");
        let plot = bench.read(&format!("run/plots/{name}.svg"));
        assert!(plot.contains("validation rows") && !plot.contains("test rows"), "{name}");
    }
    let bins = bench.read("run/best/reliability.csv");
    assert!(bins.contains("valid,before") && !bins.contains("after"), "{bins}");
    let name = "a_model_that_is_not_calibrated_has_one_line";
    let Some(seen) = read(&bench, name) else { return };
    assert_eq!((&seen["test"]["lines"], &seen["test"]["curves"]), (&json!(1), &json!([2, 2, 2])));
    assert!(seen["test"]["errors"][0].as_str().unwrap().starts_with("not calibrated: "), "{seen}");
}

#[test]
fn a_run_of_an_earlier_version_has_no_such_sections() {
    let bench = Bench::new();
    bench.sweep("run");
    for name in TABLES {
        std::fs::remove_file(bench.file(&format!("run/best/{name}.csv"))).unwrap();
        std::fs::remove_file(bench.file(&format!("run/plots/{name}.svg"))).unwrap();
    }
    bench.forewarn(&["report", "run"]).success();
    for name in TABLES {
        assert!(!bench.file(&format!("run/plots/{name}.svg")).exists(), "{name}");
    }
    let Some(seen) = read(&bench, "a_run_of_an_earlier_version_has_no_such_sections") else {
        return;
    };
    let sections = seen["sections"].as_array().unwrap();
    assert!(sections.contains(&json!("classes")), "{seen}");
    assert!(
        !sections.contains(&json!("class-curves")) && !sections.contains(&json!("reliability"))
    );
}

/// The classes of a run may be many: here the curves of nine more are copies.
#[test]
fn of_many_classes_the_page_draws_eight_and_says_so() {
    let bench = Bench::new();
    bench.write("data.csv", &ai4i(600));
    let mut grid = bench.grid();
    grid["data"]["target"] = json!("Target");
    grid["data"]["drop"] = json!(["UDI", "Product ID", "Failure Type"]);
    bench.write_grid(&grid);
    bench.sweep("run");
    for name in &TABLES[..3] {
        let text = bench.read(&format!("run/best/{name}.csv"));
        let more = (2..11).map(|class| {
            let copied = text.lines().filter(|line| line.split(',').nth(1) == Some("1"));
            let renamed = copied.map(|line| line.replacen(",1,", &format!(",{class},"), 1) + "\n");
            renamed.collect::<String>()
        });
        let more: String = more.collect();
        bench.write(&format!("run/best/{name}.csv"), &(text + &more));
    }
    bench.forewarn(&["report", "run"]).success();
    let plot = bench.read("run/plots/roc.svg");
    assert!(plot.contains("8 of 11 classes: lowest average precision"), "{plot}");
    let Some(seen) = read(&bench, "of_many_classes_the_page_draws_eight_and_says_so") else {
        return;
    };
    assert_eq!(seen["test"]["curves"], json!([8, 8, 8]), "{seen}");
    let said = seen["said"].as_str().unwrap();
    assert!(
        said.contains("Of 11 classes the 8 with the lowest average precision on test rows"),
        "{said}"
    );
}
