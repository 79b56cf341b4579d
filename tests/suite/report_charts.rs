//! What the report's charts of the settings show, in a real browser.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::{Value, json};

use crate::browser::{dump, seen};
use crate::support::{Bench, skip, table};

/// A reader of the charts: their bars, lines and dots, and what they say of a point.
const USER: &str = r##"
<script>
addEventListener("load", () => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const read = (section, key) => {
    const figure = document.querySelector(`${section} figure`);
    figure?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    return figure?.querySelector(".tip").innerText ?? "";
  };
  const point = (section, mark) => {
    const svg = document.querySelector(`${section} svg`);
    const [, x, y] = mark.match(/^M([-\d.]+) ([-\d.]+)/).map(Number);
    const frame = svg.getBoundingClientRect();
    svg.dispatchEvent(new PointerEvent("pointermove", { bubbles: true, clientX: frame.x + x, clientY: frame.y + y }));
    return document.querySelector(`${section} .tip`).innerText;
  };
  const threads = all("#parallel path.thread");
  const seen = {
    bars: all("#anova rect").map((bar) => [bar.getAttribute("class"), Number(bar.getAttribute("width"))]),
    names: all("#anova text.name").map((name) => name.textContent),
    shares: all("#anova svg text:not(.name)").map((text) => parseFloat(text.textContent)),
    said: document.querySelector("#anova").textContent,
    threads: threads.length,
    parallel: document.querySelector("#parallel")?.textContent ?? "",
    best: threads.length ? point("#parallel", threads.at(-1).getAttribute("d")) : "",
    slices: all("#slices figure").length,
    titles: all("#slices h3").map((title) => title.textContent),
    dots: all("#slices .dots").map((dots) => dots.getAttribute("d").split("M").length - 1),
    means: all("#slices figure:first-of-type").slice(0, 1).flatMap((figure) => [...figure.querySelectorAll(".mean")]).length,
    dot: document.querySelector("#slices .dots") ? point("#slices", document.querySelector("#slices .dots").getAttribute("d")) : "",
    next: read("#slices", "ArrowRight"),
  };
  document.querySelector("#slices figure")?.click();
  seen.marked = document.querySelector("#ranking tr[aria-selected]")?.dataset.trial ?? "";
  seen.chosen = all("#parallel path.chosen[d]").length;
  document.documentElement.dataset.seen = JSON.stringify(seen);
});
</script>
"##;

/// What the reader sees of a run's report; nothing without a browser.
fn read(bench: &Bench, run: &str) -> Option<Value> {
    bench.write(&format!("{run}/used.html"), &(bench.read(&format!("{run}/report.html")) + USER));
    let document = dump(bench, &format!("{run}/used.html"))?;
    assert!(document.contains(r#"<p id="notice" role="alert" hidden"#), "a part is not drawn");
    Some(seen(&document))
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

#[test]
fn bars_follow_the_shares_and_every_trial_is_a_line_and_a_dot() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["grid"]["learning_rate"] = json!([0.1, 0.01, 0.0001]);
    grid["grid"]["seed"] = json!([0, 1]);
    bench.write_grid(&grid);
    bench.sweep("run");
    let Some(seen) = read(&bench, "run") else {
        let name = "bars_follow_the_shares_and_every_trial_is_a_line_and_a_dot";
        return skip(name, "chromium", "it is not installed");
    };
    let shares = numbers(&seen["shares"]);
    let widths = seen["bars"].as_array().unwrap().iter().map(|bar| bar[1].as_f64().unwrap());
    let longest = shares.iter().copied().fold(0.0, f64::max);
    let widths: Vec<f64> = widths.collect();
    let widest = widths.iter().copied().fold(0.0, f64::max);
    assert_eq!(shares.len(), widths.len());
    for (share, width) in shares.iter().zip(&widths) {
        // The figure is rounded to a tenth of a percent.
        assert!((share / longest - width / widest).abs() < 0.003, "{seen}");
    }
    // Axes first, the seed last of them; then pairs; all that varies is told of.
    assert!((shares.iter().sum::<f64>() - 100.0).abs() < 0.5, "{shares:?}");
    assert_eq!(seen["names"][0], "learning_rate");
    assert_eq!(seen["names"][2], "seed");
    assert_eq!(seen["bars"][2][0], "rest", "the seed is noise: {seen}");
    assert!(seen["said"].as_str().unwrap().contains("between the 12 finished trials"), "{seen}");
    let best = table(&bench.file("run/trials.csv")).remove(0);
    let told = format!("trial {}, rank 1", best["trial"]);
    assert_eq!(seen["threads"], 12);
    assert!(seen["best"].as_str().unwrap().contains(&told), "{seen}");
    assert!(seen["best"].as_str().unwrap().contains(&format!("hidden {}", best["hidden"])));
    assert_eq!(seen["titles"][0], "learning_rate");
    assert_eq!((&seen["dots"], &seen["means"]), (&json!([12, 12, 12]), &json!(3)));
    assert!(seen["dot"].as_str().unwrap().contains(&told), "{seen}");
    assert!(seen["dot"].as_str().unwrap().contains("of 4 trials"), "{seen}");
    // The arrow key goes on to the second, which a click then marks in the table and among the lines.
    assert!(seen["next"].as_str().unwrap().contains("rank 2"), "{seen}");
    assert_eq!(seen["marked"], table(&bench.file("run/trials.csv")).remove(1)["trial"]);
    assert_eq!(seen["chosen"], 1);
}

#[test]
fn of_thousands_of_trials_some_are_drawn_and_that_is_said() {
    let bench = Bench::new();
    bench.sweep("run");
    let mut trials =
        "rank,trial,status,learning_rate,hidden,seed,best_epoch,valid_macro_f1\n".to_owned();
    for rank in 1..=2400_u32 {
        let (rate, hidden) =
            (10_f64.powi(-(rank as i32 % 6)), ["8", "16-8", "none"][rank as usize % 3]);
        let score = 1.0 - f64::from(rank) / 2500.0;
        writeln!(trials, "{rank},{rank},finished,{rate},{hidden},{},1,{score}", rank % 5).unwrap();
    }
    bench.write("run/trials.csv", &trials);
    std::fs::remove_dir_all(bench.file("run/best")).unwrap();
    bench.forewarn(&["report", "run"]).success();
    let Some(seen) = read(&bench, "run") else {
        let name = "of_thousands_of_trials_some_are_drawn_and_that_is_said";
        return skip(name, "chromium", "it is not installed");
    };
    assert_eq!(seen["threads"], 300);
    let said = seen["parallel"].as_str().unwrap();
    assert!(said.contains("300 of 2,400 finished trials are drawn: the best 100"), "{said}");
    assert_eq!(seen["dots"], json!([2000, 2000, 2000]));
}

#[test]
fn a_run_of_one_trial_has_nothing_to_compare() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["grid"]["learning_rate"] = json!([0.01]);
    grid["grid"]["hidden"] = json!([[8]]);
    bench.write_grid(&grid);
    bench.sweep("run");
    let Some(seen) = read(&bench, "run") else {
        let name = "a_run_of_one_trial_has_nothing_to_compare";
        return skip(name, "chromium", "it is not installed");
    };
    let none: BTreeSet<&str> = ["threads", "slices"].into();
    assert!(none.iter().all(|kind| seen[*kind] == 0), "{seen}");
    assert_eq!(seen["said"], "");
}
