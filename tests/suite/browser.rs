//! The report in a real browser.

use std::process::Command;

use crate::support::{Bench, skip};

/// The page's document after its scripts have run, or nothing where there is no browser.
fn dump(bench: &Bench, page: &str) -> Option<String> {
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
            "--virtual-time-budget=5000",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("file://{}", bench.file(page).display()))
        .output()
        .unwrap();
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn the_report_draws_itself_in_a_browser() {
    let bench = Bench::new();
    bench.sweep("run");
    let Some(document) = dump(&bench, "run/report.html") else {
        return skip("the_report_draws_itself_in_a_browser", "chromium", "it is not installed");
    };
    assert!(document.contains("data-ready=\"true\""), "the page's script did not reach its end");
    let rows = document.matches("<tr").count();
    assert!(rows > 4, "{rows} table rows");
    assert!(document.contains("<svg"), "no curve is drawn");
    for class in ["Motor Fails", "valid_macro_f1"] {
        assert!(document.contains(class), "no {class:?} in the page");
    }
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
