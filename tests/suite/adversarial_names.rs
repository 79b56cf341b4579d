//! Names that are markup or commands of a terminal: they stay text, on the page, in the plots and on
//! the screen.

use std::fs;

use serde_json::{Value, json};

use crate::browser::dump;
use crate::support::{Bench, motor, skip};

const MARKUP: &str = "</script><script>document.documentElement.dataset.owned=1</script><img src=x onerror=\"top.x=1\">";

/// Puts `text` behind every text of a JSON file but for those that are read as words.
fn spoil(value: &mut Value, text: &str) {
    match value {
        Value::String(word) if !word.starts_with("valid_") => word.push_str(text),
        Value::Array(items) => items.iter_mut().for_each(|item| spoil(item, text)),
        Value::Object(map) => {
            let keys: Vec<String> = map.keys().cloned().collect();
            for key in keys {
                spoil(&mut map[&key], text);
            }
        }
        _ => {}
    }
}

/// A run with markup in every name that it takes from others.
fn marked() -> Bench {
    let bench = Bench::new();
    let quoted = MARKUP.replace('"', "\"\"");
    let table: String = motor(400)
        .lines()
        .enumerate()
        .map(|(row, line)| match row {
            0 => format!("\"{quoted}\",{line}\n"),
            _ => format!("\"{}{quoted}\",{line}\n", row % 3),
        })
        .collect();
    bench.write("data.csv", &table);
    bench.sweep("run");
    for name in ["run.json", "best/metrics.json"] {
        let mut value: Value = serde_json::from_str(&bench.read(&format!("run/{name}"))).unwrap();
        spoil(&mut value, MARKUP);
        bench.write(&format!("run/{name}"), &value.to_string());
    }
    let trials = bench.read("run/trials.csv").replace("adam", &format!("\"{quoted}\""));
    bench.write("run/trials.csv", &trials.replace("8-4", &format!("\"<8>{quoted}\"")));
    bench.forewarn(&["report", "run"]).success();
    bench
}

#[test]
fn markup_in_names_is_text_on_the_page_and_in_the_plots() {
    let bench = marked();
    let page = bench.read("run/report.html");
    assert!(page.contains("dataset.owned"), "the markup is there, as text");
    assert_eq!(page.matches("<script").count(), 2, "the page's data and the page's script");
    assert!(!page.contains("<img"), "markup in the page");
    assert!(page.contains("Content-Security-Policy\" content=\"default-src 'none'"));
    for plot in fs::read_dir(bench.file("run/plots")).unwrap() {
        let plot = fs::read_to_string(plot.unwrap().path()).unwrap();
        assert!(plot.contains("&lt;/script&gt;"), "the name of the run is in every plot");
        assert!(!plot.contains("<script") && !plot.contains("<img"), "{plot}");
    }
}

#[test]
fn markup_in_names_is_text_in_a_browser() {
    let bench = marked();
    let Some(document) = dump(&bench, "run/report.html") else {
        let name = "markup_in_names_is_text_in_a_browser";
        return skip(name, "chromium", "it is not installed");
    };
    assert!(document.contains("data-ready=\"true\""), "the page was drawn");
    assert!(!document.contains("data-owned"), "a script in a name has run");
    assert!(!document.contains("<img"), "an element in a name was made");
    assert!(document.contains("&lt;img src=x"), "the names are there, as text");
}

#[test]
fn commands_of_a_terminal_in_names_are_shown_and_not_sent() {
    let bench = Bench::new();
    bench.sweep("run");
    let evil = "1\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}";
    let mut model: Value = serde_json::from_str(&bench.read("run/best/model.json")).unwrap();
    model["classes"] = json!(["0", evil]);
    bench.write("run/best/model.json", &model.to_string());
    let plain = |text: String| {
        let sent = |letter: char| (letter.is_control() && letter != '\n') || letter == '\u{202e}';
        assert!(!text.contains(sent), "{text:?}");
        text
    };
    let evaluate = ["evaluate", "run", "--data", "new.csv"];
    bench.write("new.csv", &motor(20));
    let message = plain(bench.forewarn(&evaluate).code(4).stderr());
    assert!(message.contains("1\\u{1b}]0;owned\\u{7}"), "{message}");
    bench.write(
        "new.csv",
        &motor(20).replace(",1.0\n", &format!(",{evil}\n")).replace(",0.0\n", ",0\n"),
    );
    let ended = bench.forewarn(&evaluate).success();
    assert!(plain(ended.stdout()).contains("1\\u{1b}]0;owned"), "{}", ended.stdout());
}
