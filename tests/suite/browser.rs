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
    let seen = document.split("data-seen=\"").nth(1).expect("the page's script reached its end");
    let seen = seen.split('"').next().unwrap().replace("&quot;", "\"").replace("&amp;", "&");
    let seen: Value = serde_json::from_str(&seen).unwrap();
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
fn the_report_needs_no_network() {
    let bench = Bench::new();
    bench.sweep("run");
    let page = bench.read("run/report.html");
    for word in ["src=\"http", "href=\"http", "url(http", "@import", "fetch("] {
        assert!(!page.contains(word), "{word}");
    }
}
