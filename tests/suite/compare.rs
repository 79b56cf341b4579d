//! `forewarn compare`: variants, trials and runs side by side.

use serde_json::{Value, json};

use crate::browser::{dump, seen};
use crate::support::{Bench, skip, table};

/// A bench with a run of a plain network beside one that hardly learns, and one that is the plain one.
fn run(split: &Value, seeds: &[u32]) -> Bench {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["split"] = split.clone();
    grid["grid"]["learning_rate"] = json!([0.03]);
    grid["grid"]["epochs"] = json!([20]);
    grid["grid"]["hidden"] = json!([[8]]);
    grid["grid"]["seed"] = json!(seeds);
    grid["variants"] = json!({
        "plain": {},
        "slow": {"grid": {"learning_rate": [1e-6, 1e-7]}},
        "same": {}
    });
    bench.write_grid(&grid);
    bench.sweep("run");
    bench
}

fn folds() -> Value {
    json!({"folds": {"count": 3, "test": 0.2}})
}

#[test]
fn variants_are_set_beside_the_first_with_what_is_more_than_noise() {
    let bench = run(&folds(), &[0, 1]);
    let said = bench.forewarn(&["compare", "run"]).success().stdout();
    assert!(said.contains("over 6 pairs of equal seed and fold"), "{said}");
    assert!(said.contains("plain  0, 1"), "{said}");
    assert!(said.contains("slow   2, 3; learning_rate 0.000001"), "{said}");
    let accuracy = said.split("\n\n").find(|block| block.starts_with("accuracy")).unwrap();
    let line = |name: &str| accuracy.lines().find(|line| line.starts_with(name)).unwrap();
    assert!(line("slow").ends_with("more than noise"), "{said}");
    assert!(line("same").ends_with("+0.0000 (+0.0000 to +0.0000), within the noise"), "{said}");
    // The means are those of trials.csv over the seeds.
    let trials = table(&bench.file("run/trials.csv"));
    let plain = trials.iter().filter(|row| row["variant"] == "plain");
    let sum: f64 = plain.map(|row| row["test_accuracy"].parse::<f64>().unwrap()).sum();
    assert_eq!(line("plain").split_whitespace().nth(3), Some(format!("{:.4}", sum / 2.0).as_str()));
}

#[test]
fn a_row_of_folds_csv_is_a_trial_on_a_fold() {
    let bench = run(&folds(), &[0]);
    let folds = table(&bench.file("run/folds.csv"));
    let trials = table(&bench.file("run/trials.csv"));
    assert_eq!(folds.len(), 3 * trials.len());
    for trial in &trials {
        let own: Vec<f64> = folds
            .iter()
            .filter(|row| row["trial"] == trial["trial"])
            .map(|row| row["valid_macro_f1"].parse().unwrap())
            .collect();
        let mean: f64 = trial["valid_macro_f1"].parse().unwrap();
        assert!((own.iter().sum::<f64>() / 3.0 - mean).abs() < 1e-6);
    }
}

#[test]
fn trials_and_runs_are_named_and_pairs_need_the_same_rows() {
    let bench = run(&folds(), &[0, 1]);
    let compare = |sides: &[&str]| bench.forewarn(&[&["compare"], sides].concat());
    let said = compare(&["run:same", "run:3"]).success().stdout();
    assert!(said.contains("bench:same") && said.contains("bench:3"), "{said}");
    let said = compare(&["run:0", "run:nobody"]).code(4).stderr();
    assert!(said.contains("no finished trial or variant \"nobody\""), "{said}");
    let said = compare(&["nowhere", "run"]).code(4).stderr();
    assert!(said.contains("nowhere/run.json"), "{said}");

    let mut grid: Value = serde_json::from_str(&bench.read("grid.json")).unwrap();
    grid["name"] = json!("other");
    grid["variants"] = json!({"only": {}});
    bench.write_grid(&grid);
    bench.sweep("other");
    let said = compare(&["run", "other"]).success().stdout();
    assert!(said.contains("over 6 pairs"), "{said}");
    let said = compare(&["other"]).code(2).stderr();
    assert!(said.contains("name a second run"), "{said}");

    grid["seed"] = json!(8);
    bench.write_grid(&grid);
    bench.sweep("otherwise");
    let said = compare(&["run", "otherwise"]).success().stdout();
    assert!(said.contains("differ in the seed: nothing is compared pair by pair"), "{said}");
    assert!(!said.contains("noise"), "{said}");
}

#[test]
fn a_run_without_a_finished_trial_is_told_and_damaged_scores_are_named() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["grid"]["learning_rate"] = json!([1e30]);
    grid["grid"]["optimizer"] = json!(["sgd"]);
    bench.write_grid(&grid);
    bench.fails(7);
    let said = bench.forewarn(&["compare", "run"]).code(4).stderr();
    assert!(said.contains("run: none of its trials finished"), "{said}");
    let bench = run(&folds(), &[0]);
    let damaged = bench.read("run/folds.csv").replacen(",constant,", ",constant", 1);
    bench.write("run/folds.csv", &damaged);
    let said = bench.forewarn(&["compare", "run"]).code(4).stderr();
    assert!(said.contains("run/folds.csv"), "{said}");
    bench.write("run/folds.csv", "fold,trial\n0,0\n");
    let said = bench.forewarn(&["compare", "run"]).code(4).stderr();
    assert!(said.contains("no column `train_loss`"), "{said}");
}

#[test]
fn one_training_of_each_side_tells_of_no_noise() {
    let bench = run(&json!({"shares": {"train": 0.7, "valid": 0.15, "test": 0.15}}), &[0]);
    let said = bench.forewarn(&["compare", "run"]).success().stdout();
    assert!(said.contains("one training of each side tells of no noise"), "{said}");
    let bench = run(&json!({"shares": {"train": 0.7, "valid": 0.15, "test": 0.15}}), &[0, 1, 2]);
    let said = bench.forewarn(&["compare", "run"]).success().stdout();
    assert!(said.contains("over 3 pairs of equal seed: it holds the noise of the first"), "{said}");
}

#[test]
fn a_page_is_written_on_demand_and_never_replaced_unasked() {
    let bench = run(&folds(), &[0]);
    let compare = |more: &[&str]| bench.forewarn(&[&["compare", "run"], more].concat());
    let plain = compare(&[]).success().stdout();
    assert!(!bench.file("compare.html").exists() && !bench.file("run/compare.html").exists());
    let said = compare(&["--out", "look"]).success().stdout();
    assert_eq!(said, format!("{plain}\nwrote   look/compare.html\n"));
    let page = bench.read("look/compare.html");
    for word in ["src=\"http", "href=\"http", "url(http", "@import", "fetch("] {
        assert!(!page.contains(word), "{word}");
    }
    bench.write("look/compare.html", "mine");
    let said = compare(&["--out", "look"]).code(5).stderr();
    assert!(said.contains("look/compare.html already exists: give --overwrite"), "{said}");
    assert_eq!(bench.read("look/compare.html"), "mine");
    compare(&["--out", "look", "--overwrite"]).success();
    assert_eq!(bench.read("look/compare.html"), page);
    bench.write("run/curves.csv", "trial,epoch\n0,1\n");
    let said = compare(&["--out", "other"]).code(4).stderr();
    assert!(said.contains("run/curves.csv has no column `train_loss`"), "{said}");
}

/// A reader of the page: its lines, what is said of the first point, and the lines with a side less.
const USER: &str = r##"
<script>
addEventListener("load", () => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const figure = document.querySelector("#curves figure");
  const press = (key) => figure.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const tip = () => figure.querySelector(".tip").innerText;
  const choose = (place, value) => {
    const select = all("#curves select")[place];
    select.value = value;
    select.dispatchEvent(new Event("change"));
  };
  const seen = { lines: all("#curves path.side").length, bands: all("#curves path.band").length };
  seen.verdicts = all("#scores table").map((table) => [...table.querySelectorAll("td:last-child")].map((cell) => cell.textContent));
  seen.titles = all("#scores h3").map((title) => title.textContent);
  seen.sides = document.querySelector("#sides").textContent;
  choose(0, "accuracy");
  choose(1, "test");
  seen.drawn = figure.querySelector("svg").getAttribute("aria-label");
  for (let step = 0; step < 3; step += 1) press("ArrowDown");
  seen.first = tip();
  press("ArrowRight");
  seen.second = tip();
  document.querySelector("#curves input").click();
  seen.less = all("#curves path.side").length;
  document.documentElement.dataset.seen = JSON.stringify(seen);
});
</script>
"##;

#[test]
fn the_page_shows_the_terminals_figures_and_the_curves_of_every_side() {
    let bench = run(&folds(), &[0, 1]);
    let said = bench.forewarn(&["compare", "run", "--out", "look"]).success().stdout();
    bench.write("look/used.html", &(bench.read("look/compare.html") + USER));
    let Some(document) = dump(&bench, "look/used.html") else {
        let name = "the_page_shows_the_terminals_figures_and_the_curves_of_every_side";
        return skip(name, "chromium", "it is not installed");
    };
    assert!(document.contains(r#"<p id="notice" role="alert" hidden"#), "a part is not drawn");
    let seen = seen(&document);
    assert_eq!((&seen["lines"], &seen["bands"], &seen["less"]), (&json!(3), &json!(3), &json!(2)));
    assert_eq!(
        seen["titles"],
        json!(["loss", "accuracy", "macro F1, which ranks", "macro recall (sensitivity)", "MCC"])
    );
    assert!(seen["sides"].as_str().unwrap().contains("learning_rate 0.000001"), "{seen}");
    for verdicts in seen["verdicts"].as_array().unwrap() {
        assert_eq!(verdicts[0], "");
        for verdict in verdicts.as_array().unwrap() {
            assert!(said.contains(verdict.as_str().unwrap()), "{verdict} in {said}");
        }
    }
    // The last of the lines that the arrow keys walk is the first side, which lies on top.
    assert_eq!(seen["drawn"], "test_accuracy by epoch, 3 sides");
    let curves = table(&bench.file("run/curves.csv"));
    for (place, epoch) in [("first", "1"), ("second", "2")] {
        let plain = curves.iter().filter(|row| row["epoch"] == epoch && row["variant"] == "plain");
        let values: Vec<f64> = plain.map(|row| row["test_accuracy"].parse().unwrap()).collect();
        assert_eq!(values.len(), 6);
        let mean = values.iter().sum::<f64>() / 6.0;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 6.0;
        let tip = seen[place].as_str().unwrap();
        assert!(tip.contains("plain") && tip.contains("6 trainings"), "{tip}");
        let told = format!("epoch {epoch}: {mean:.4} ± {:.4}", variance.sqrt());
        assert!(tip.contains(&told), "{tip} is not {told}");
    }
}
