//! The report in a real browser.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Bench, skip, table};

/// The page's document after its scripts have run, or nothing where there is no browser.
pub fn dump(bench: &Bench, page: &str) -> Option<String> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let found = names.iter().find(|name| Command::new(name).arg("--version").output().is_ok())?;
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new(found)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            // Tall enough for every part of the page to be drawn.
            "--window-size=1200,2600",
            "--virtual-time-budget=5000",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("file://{}", bench.file(page).display()))
        .output()
        .unwrap();
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What a script of a test wrote down in the document's `data-seen`.
pub fn seen(document: &str) -> Value {
    let seen = document.split("data-seen=\"").nth(1).expect("the page's script reached its end");
    let seen = seen.split('"').next().unwrap().replace("&quot;", "\"").replace("&amp;", "&");
    let seen = seen.replace("&nbsp;", "\u{a0}").replace("&lt;", "<").replace("&gt;", ">");
    serde_json::from_str(&seen).unwrap()
}

/// What a user would do on the page, written down in the document's `data-seen`.
const USER: &str = r##"
<script>
addEventListener("load", () => {
  const text = (selector) => document.querySelector(selector)?.textContent ?? "";
  const trials = () => [...document.querySelectorAll("#ranking tbody tr")].map((row) => row.dataset.trial);
  const seen = { ready: document.documentElement.dataset.ready, ranked: trials() };
  const head = [...document.querySelectorAll("#ranking th")].find((cell) => cell.textContent.includes("trial"));
  head.querySelector("button").click();
  seen.byTrial = trials();
  seen.sort = head.getAttribute("aria-sort");
  const drawing = document.querySelector("#curves svg");
  drawing.scrollIntoView();
  const frame = drawing.getBoundingClientRect();
  for (const [across, down] of [[0.5, 0.5], [0.6, 0.6], [0.4, 0.7]]) {
    const place = { bubbles: true, clientX: frame.x + across * frame.width, clientY: frame.y + down * frame.height };
    drawing.dispatchEvent(new PointerEvent("pointermove", place));
  }
  seen.tip = text("#curves .tip");
  seen.curves = drawing.querySelectorAll("path, polyline").length;
  seen.map = [...document.querySelectorAll("#heatmap td")].map((cell) => cell.textContent);
  seen.confusion = [...document.querySelectorAll("#confusion td")].length;
  seen.made = text("#provenance");
  document.documentElement.dataset.seen = JSON.stringify(seen);
});
</script>
"##;

#[test]
fn the_report_draws_sorts_and_answers_the_pointer_in_a_browser() {
    let bench = Bench::new();
    bench.sweep("run");
    let page = bench.read("run/report.html") + USER;
    bench.write("run/used.html", &page);
    let Some(document) = dump(&bench, "run/used.html") else {
        let name = "the_report_draws_sorts_and_answers_the_pointer_in_a_browser";
        return skip(name, "chromium", "it is not installed");
    };
    let seen = seen(&document);
    let ranked: Vec<String> =
        table(&bench.file("run/trials.csv")).iter().map(|row| row["trial"].clone()).collect();
    assert_eq!(seen["ready"], "true");
    assert!(
        document.contains(r#"<p id="notice" role="alert" hidden"#),
        "the page reports a failure"
    );
    assert_eq!(seen["ranked"], json!(ranked));
    let mut by_trial = ranked;
    by_trial.sort();
    assert_eq!(seen["byTrial"], json!(by_trial));
    assert_eq!(seen["sort"], "ascending");
    assert!(seen["tip"].as_str().unwrap().contains("trial"), "{seen}");
    assert!(seen["curves"].as_u64().unwrap() >= 4, "{seen}");
    // Two learning rates by two widths; two classes by two, and their totals.
    assert_eq!(seen["map"].as_array().unwrap().len(), 4, "{seen}");
    assert!(seen["confusion"].as_u64().unwrap() >= 4, "{seen}");
    assert!(seen["made"].as_str().unwrap().contains("sweep grid.json"), "{seen}");
}

#[test]
fn the_report_says_what_its_numbers_rest_on() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["split"] = json!({"folds": {"count": 3, "test": 0.15}});
    bench.write_grid(&grid);
    bench.sweep("run");
    let Some(document) = dump(&bench, "run/report.html") else {
        return skip("the_report_says_what_its_numbers_rest_on", "chromium", "it is not installed");
    };
    assert!(document.contains(r#"<p id="notice" role="alert" hidden"#), "a part is not drawn");
    let metrics: Value = serde_json::from_str(&bench.read("run/best/metrics.json")).unwrap();
    let test = &metrics["test"];
    for ends in [&test["intervals"]["mcc"], &test["intervals"]["per_class"][1]["recall"]] {
        let [low, high] = [0, 1].map(|end| ends[end].as_f64().unwrap());
        assert!(document.contains(&format!("<small>{low:.3}–{high:.3}</small>")), "{ends}");
    }
    let few = test["per_class"].as_array().unwrap().iter().filter(|class| {
        let rows = class["support"].as_u64().unwrap();
        let told = format!("has {rows} test rows: its recall moves by");
        assert_eq!(document.contains(&told), rows < 30, "{class}");
        rows < 30
    });
    assert!(few.count() > 0, "nothing to tell");
    let trials = table(&bench.file("run/trials.csv"));
    let number = |place: usize, column: &str| trials[place][column].parse::<f64>().unwrap();
    let (best, deviation) = (number(0, "valid_macro_f1"), number(0, "valid_macro_f1_std"));
    assert!(document.contains(&format!("{best:.4} ± {deviation:.4}")), "{best} {deviation}");
    let is_narrow = best - number(1, "valid_macro_f1") < deviation;
    let told = format!("deviates by {deviation:.4} from fold to fold");
    assert_eq!(document.contains(&told), is_narrow);
}

#[test]
fn the_report_needs_no_network() {
    let bench = Bench::new();
    bench.sweep("run");
    let page = bench.read("run/report.html");
    for word in ["src=\"http", "href=\"http", "url(http", "@import", "fetch("] {
        assert!(!page.contains(word), "{word}");
    }
}
