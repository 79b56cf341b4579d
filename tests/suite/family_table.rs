//! The families of a run beside each other: families.csv, the report, `compare` and the summary.

use std::collections::HashMap;
use std::fs;

use serde_json::{Value, json};

use crate::browser::{dump, seen};
use crate::support::{Bench, skip, table, without_times};

type Row = HashMap<String, String>;

/// Forests of two seeds and neighbours, which have none, on three folds; quickly trained.
pub fn sweep(bench: &Bench, out: &str) {
    let mut grid = bench.grid();
    grid.as_object_mut().unwrap().remove("grid");
    grid["split"] = json!({"folds": {"count": 3, "test": 0.2}});
    grid["variants"] = json!({
        "forest": {
            "family": "random_forest",
            "grid": {"n_estimators": [2, 12], "max_depth": ["none", 2], "seed": [0, 1]}
        },
        "near": {"family": "knn", "grid": {"n_neighbors": [1, 6]}}
    });
    bench.write_grid(&grid);
    bench.sweep(out);
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column}: {:?}", row[column]))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn the_table_has_the_best_configuration_of_each_family_and_its_difference() {
    let bench = Bench::new();
    sweep(&bench, "run");
    let rows = table(&bench.file("run/families.csv"));
    let configurations = table(&bench.file("run/configurations.csv"));
    assert_eq!(rows.len(), 2);
    for (place, row) in rows.iter().enumerate() {
        assert_eq!(row["rank_valid_macro_f1"], (place + 1).to_string());
        // configurations.csv has the best first: the first of a family is the family's best.
        let best = configurations.iter().find(|one| one["family"] == row["family"]).unwrap();
        for column in [
            "n_estimators",
            "n_neighbors",
            "trials",
            "mean_valid_macro_f1",
            "std_test_loss",
            "mean_test_mcc",
        ] {
            assert_eq!(row[column], best[column], "{column}");
        }
        assert!(!row.contains_key("seed"));
        for column in ["seconds", "predict_1000_rows_s"] {
            assert!(number(row, column) > 0.0, "{column}");
        }
        // The kept model is that of families/.
        let metrics = bench.read(&format!("run/families/{}/metrics.json", row["family"]));
        let metrics: Value = serde_json::from_str(&metrics).unwrap();
        assert_eq!(metrics["trial"].to_string(), row["kept_trial"]);
    }
    assert!(number(&rows[0], "mean_valid_macro_f1") >= number(&rows[1], "mean_valid_macro_f1"));
    // Neighbours have no seed: a pair is a fold, and the forest's score on it the mean of its seeds.
    let folds = table(&bench.file("run/folds.csv"));
    let on_folds = |row: &Row, column: &str| -> Vec<f64> {
        let of_fold = |fold: usize| {
            let own = folds.iter().filter(|one| {
                one["fold"] == fold.to_string()
                    && ["family", "n_estimators", "max_depth", "n_neighbors"]
                        .iter()
                        .all(|axis| one[*axis] == row[*axis])
            });
            mean(&own.map(|one| number(one, column)).collect::<Vec<_>>())
        };
        (0..3).map(of_fold).collect()
    };
    assert_eq!(rows[0]["pairs"], "");
    assert_eq!(rows[1]["pairs"], "3");
    for part in ["valid", "test"] {
        let column = format!("{part}_macro_f1");
        let [first, other] = [&rows[0], &rows[1]].map(|row| on_folds(row, &column));
        let apart: Vec<f64> =
            other.iter().zip(&first).map(|(other, first)| other - first).collect();
        let told = |end: &str| number(&rows[1], &format!("difference_{column}{end}"));
        assert!((told("") - mean(&apart)).abs() < 1e-6, "{part}");
        let center = mean(&apart);
        let variance = apart.iter().map(|one| (one - center).powi(2)).sum::<f64>() / 2.0;
        // Student's t with 2 degrees of freedom; a row is held out for each two that are trained on.
        let run: Value = serde_json::from_str(&bench.read("run/run.json")).unwrap();
        let held_out =
            run["split"]["valid"].as_f64().unwrap() / run["split"]["train"].as_f64().unwrap();
        let reach = 4.302_652_73 * (variance * (1.0 / 3.0 + held_out)).sqrt();
        assert!((told("_low") - (center - reach)).abs() < 1e-5, "{part}");
        assert!((told("_high") - (center + reach)).abs() < 1e-5, "{part}");
    }
}

#[test]
fn a_resumed_run_has_the_same_table_and_a_run_of_one_family_has_none() {
    let bench = Bench::new();
    sweep(&bench, "whole");
    let command = ["sweep", "grid.json", "--out", "cut", "--quiet", "--resume"];
    bench.forewarn(&[command.as_slice(), &["--max-trials", "3"]].concat()).success();
    bench.forewarn(&command).success();
    let [whole, cut] = ["whole", "cut"].map(|run| bench.read(&format!("{run}/families.csv")));
    assert_eq!(without_times(&whole), without_times(&cut));
    // One that is replaced by a run of one family leaves none behind.
    let mut grid: Value = serde_json::from_str(&bench.read("grid.json")).unwrap();
    grid["variants"].as_object_mut().unwrap().remove("forest");
    bench.write_grid(&grid);
    bench.forewarn(&["sweep", "grid.json", "--out", "cut", "--quiet", "--overwrite"]).success();
    assert!(!bench.file("cut/families.csv").exists() && !bench.file("cut/families/knn").exists());
    // And a stale one goes where a run is gone on with.
    fs::copy(bench.file("whole/families.csv"), bench.file("cut/families.csv")).unwrap();
    bench.forewarn(&command).success();
    assert!(!bench.file("cut/families.csv").exists());
    // Old runs of several families have none, and are reported still.
    fs::remove_file(bench.file("whole/families.csv")).unwrap();
    bench.forewarn(&["report", "whole"]).success();
}

#[test]
fn the_summary_has_a_line_for_each_family_and_none_where_there_is_one() {
    let bench = Bench::new();
    sweep(&bench, "quiet");
    let said = bench.forewarn(&["sweep", "grid.json", "--out", "run"]).success().stdout();
    let rows = table(&bench.file("run/families.csv"));
    let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("family  ")).collect();
    assert_eq!(lines.len(), 2, "{said}");
    for (line, row) in lines.iter().zip(&rows) {
        let [mean, deviation] =
            ["mean_valid_macro_f1", "std_valid_macro_f1"].map(|column| number(row, column));
        let told = format!("valid_macro_f1 {mean:.4} ± {deviation:.4} (trial");
        assert!(line.contains(&row["family"]) && line.contains(&told), "{line}");
        assert!(line.contains(" a training, 1,000 rows predicted in "), "{line}");
    }
    let alone = Bench::new();
    let said = alone.forewarn(&["sweep", "grid.json", "--out", "run"]).success().stdout();
    assert!(!said.contains("family"), "{said}");
}

/// A reader who looks at the families and asks for the other one.
const USER: &str = r##"
<script>
addEventListener("load", async () => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const texts = (selector) => all(selector).map((one) => one.textContent);
  const look = () => ({
    said: texts("#anova, #heatmap, #slices, #parallel"),
    axes: texts("#slices h3"),
    dots: all("#slices .dots").map((dots) => dots.getAttribute("d").split("M").length - 1),
    chosen: all(".family select").map((select) => select.value),
  });
  const seen = { families: document.querySelector("#families").textContent };
  seen.rows = [...document.querySelector("#families table").querySelectorAll("tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent));
  seen.whiskers = all("#families svg.whisker").length;
  seen.offered = all("#heatmap .family option").map((option) => option.value);
  seen.first = look();
  const select = document.querySelector("#heatmap .family select");
  select.value = seen.offered[1];
  select.dispatchEvent(new Event("change"));
  await new Promise((done) => setTimeout(done, 50));
  seen.other = look();
  const part = document.querySelector("#families .controls select");
  part.value = "valid";
  part.dispatchEvent(new Event("change"));
  seen.every = texts("#families > :last-child tbody td");
  document.documentElement.dataset.seen = JSON.stringify(seen);
});
</script>
"##;

#[test]
fn the_report_shows_the_families_and_explains_the_one_that_is_chosen() {
    let bench = Bench::new();
    sweep(&bench, "run");
    bench.write("run/used.html", &(bench.read("run/report.html") + USER));
    let Some(document) = dump(&bench, "run/used.html") else {
        let name = "the_report_shows_the_families_and_explains_the_one_that_is_chosen";
        return skip(name, "chromium", "it is not installed");
    };
    assert!(document.contains(r#"<p id="notice" role="alert" hidden"#), "a part is not drawn");
    let seen = seen(&document);
    let rows = table(&bench.file("run/families.csv"));
    let text = seen["families"].as_str().unwrap();
    assert!(text.contains("they are not independent"), "{text}");
    for (row, shown) in rows.iter().zip(seen["rows"].as_array().unwrap()) {
        let cell = |place: usize| shown[place].as_str().unwrap();
        assert!(cell(0).starts_with(&row["family"]), "{shown}");
        let told = format!(
            "{:.4}± {:.4}",
            number(row, "mean_test_macro_f1"),
            number(row, "std_test_macro_f1")
        );
        assert_eq!(cell(3), told);
    }
    let difference = number(&rows[1], "difference_test_macro_f1");
    assert!(text.contains(&format!("{:.4}", difference.abs())), "{difference}: {text}");
    // A whisker on validation rows and one on test rows.
    assert_eq!(seen["whiskers"], 2);
    let trials = table(&bench.file("run/trials.csv"));
    let (winner, other) = match trials[0]["family"].as_str() {
        "knn" => ("knn", "random_forest"),
        _ => ("random_forest", "knn"),
    };
    assert_eq!(seen["offered"], json!([winner, other]));
    for (look, family) in [(&seen["first"], winner), (&seen["other"], other)] {
        assert_eq!(
            look["chosen"],
            json!(vec![family; 4]),
            "every part has the chooser, all say the same"
        );
        let said = look["said"][0].as_str().unwrap();
        let told = format!("Here are the trials of {family} alone");
        assert!(said.contains(&told), "{said}");
        assert_eq!(said.contains("the winner's family"), family == winner, "{said}");
        let (axes, trials) = match family {
            "knn" => (vec!["n_neighbors"], 2),
            _ => (vec!["max_depth", "n_estimators", "seed"], 8),
        };
        let mut shown: Vec<&str> =
            look["axes"].as_array().unwrap().iter().map(|axis| axis.as_str().unwrap()).collect();
        shown.sort_unstable();
        assert_eq!(shown, axes);
        assert_eq!(look["dots"], json!(vec![trials; axes.len()]));
    }
    let knn = if winner == "knn" { &seen["first"] } else { &seen["other"] };
    let parallel = knn["said"][3].as_str().unwrap();
    assert!(parallel.contains("differ in n_neighbors alone"), "{parallel}");
    let loss = format!("{:.4}", number(&rows[0], "mean_valid_loss"));
    assert!(seen["every"][0].as_str().unwrap().starts_with(&loss), "{seen}");
}

#[test]
fn a_run_of_one_family_has_neither_section_nor_chooser() {
    let bench = Bench::new();
    bench.sweep("run");
    let Some(document) = dump(&bench, "run/report.html") else {
        let name = "a_run_of_one_family_has_neither_section_nor_chooser";
        return skip(name, "chromium", "it is not installed");
    };
    assert!(document.contains(r#"<section id="families"></section>"#), "there is a section");
    assert!(!document.contains(r#"class="controls family""#), "there is a chooser");
}

#[test]
fn compare_sets_the_families_of_runs_side_by_side_and_names_that_of_each_side() {
    let bench = Bench::new();
    sweep(&bench, "both");
    let mut grid: Value = serde_json::from_str(&bench.read("grid.json")).unwrap();
    grid["variants"].as_object_mut().unwrap().remove("forest");
    bench.write_grid(&grid);
    bench.sweep("near");
    // A run of neighbours alone has no seed at all.
    let said = bench.forewarn(&["compare", "near", "both", "--out", "look"]).success().stdout();
    // Of another family a side shows what it has, and not what it lacks.
    let side =
        said.lines().find(|line| line.starts_with("bench") && line.contains("family")).unwrap();
    assert!(side.contains("family random_forest; class_weight none; n_estimators 12"), "{said}");
    assert!(!side.contains("n_neighbors") && !side.contains(" ;"), "{said}");
    let rows = table(&bench.file("both/families.csv"));
    families_of(&said, "both", &rows);
    // It is told of the run of neighbours too, but for what no file of it says.
    let near = block_of(&said, "near");
    let line = near.lines().find(|line| line.starts_with("knn")).unwrap();
    let both = block_of(&said, "both").lines().find(|line| line.starts_with("knn")).unwrap();
    let scores = |line: &str| line.matches('±').count();
    assert_eq!((scores(line), scores(both)), (2, 2), "{said}");
    let page = bench.read("look/compare.html");
    let (_, data) = page.split_once(r#"id="page-data">"#).unwrap();
    let data: Value = serde_json::from_str(data.split_once("</script>").unwrap().0).unwrap();
    assert_eq!(data["sides"][0]["family"], "knn");
    assert_eq!(data["families"][1]["families"].as_array().unwrap().len(), 2);
    assert_eq!(data["families"][0]["families"][0]["seconds"], Value::Null);
    let said = bench.forewarn(&["compare", "both"]).success().stdout();
    assert!(said.contains("over 3 pairs of equal seed and fold"), "{said}");
    assert!(said.contains("a family without a seed is compared fold by fold"), "{said}");
    families_of(&said, "both", &rows);
    let Some(document) = dump(&bench, "look/compare.html") else {
        let name = "compare_sets_the_families_of_runs_side_by_side_and_names_that_of_each_side";
        return skip(name, "chromium", "it is not installed");
    };
    assert!(document.contains(r#"<p id="notice" role="alert" hidden"#), "a part is not drawn");
    assert!(document.contains("<h2>Families</h2>"), "the families are not drawn");
    let apart = number(&rows[1], "difference_test_macro_f1").abs();
    assert!(document.contains(&format!("{apart:.4}")), "{apart} is not drawn");
}

/// What `compare` prints of the families of a run.
fn block_of<'a>(said: &'a str, run: &str) -> &'a str {
    let start = format!("families of {run}: the best configuration of each by valid_macro_f1");
    let block = said.split("\n\n").find(|block| block.starts_with(&start));
    block.unwrap_or_else(|| panic!("{start}: {said}"))
}

/// Checks that `compare` prints what families.csv has.
fn families_of(said: &str, run: &str, rows: &[Row]) {
    let block = block_of(said, run);
    for (place, row) in rows.iter().enumerate() {
        let line = block.lines().find(|line| line.starts_with(&row["family"])).unwrap();
        for part in ["valid", "test"] {
            let [mean, deviation] =
                ["mean", "std"].map(|of| number(row, &format!("{of}_{part}_macro_f1")));
            assert!(line.contains(&format!("{mean:.4} ± {deviation:.4}")), "{block}");
        }
        let apart = (place > 0).then(|| {
            let [mean, low, high] = ["", "_low", "_high"]
                .map(|end| number(row, &format!("difference_test_macro_f1{end}")));
            format!("{mean:+.4} ({low:+.4} to {high:+.4})")
        });
        match apart {
            Some(apart) => assert!(line.contains(&apart), "{apart}: {block}"),
            None => assert!(!line.contains("noise"), "{block}"),
        }
        assert!(line.ends_with(" ms") && line.matches("s  ").count() > 0, "{line}");
    }
}
