//! A run's folder from somebody who means harm: nothing is read or written outside it, and every
//! command ends.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::Bench;

const EVALUATE: [&str; 4] = ["evaluate", "run", "--data", "data.csv"];
const REPORT: [&str; 2] = ["report", "run"];

/// A bench with a run, and a folder outside that run with copies of its files.
fn bench() -> Bench {
    let bench = Bench::new();
    bench.sweep("run");
    fs::create_dir(bench.file("outside")).unwrap();
    for name in ["model.json", "model.safetensors", "metrics.json", "roc.csv", "reliability.csv"] {
        fs::copy(bench.file(&format!("run/best/{name}")), bench.file(&format!("outside/{name}")))
            .unwrap();
    }
    for name in ["run.json", "trials.csv", "curves.csv", "report.html"] {
        fs::copy(bench.file(&format!("run/{name}")), bench.file(&format!("outside/{name}")))
            .unwrap();
    }
    bench
}

/// Puts something else in the place of a file of the run.
fn replace(bench: &Bench, name: &str, with: impl FnOnce(&Path)) {
    let place = bench.file(name);
    if place.is_dir() && !place.is_symlink() {
        fs::remove_dir_all(&place).unwrap();
    } else if place.exists() || place.is_symlink() {
        fs::remove_file(&place).unwrap();
    }
    with(&place);
}

fn pipe(place: &Path) {
    assert!(Command::new("mkfifo").arg(place).status().unwrap().success());
}

/// A file of a tebibyte that takes no place on the disk.
fn endless(place: &Path) {
    File::create(place).unwrap().set_len(1 << 40).unwrap();
}

fn link(target: &'static str) -> impl Fn(&Path) {
    move |place| symlink(target, place).unwrap()
}

/// Every file outside the run with its bytes.
fn outside(bench: &Bench) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(bench.file("outside")).unwrap().map(Result::unwrap);
    let read = |entry: fs::DirEntry| {
        (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())
    };
    let mut files: Vec<_> = entries.map(read).collect();
    files.sort();
    files
}

#[test]
fn a_model_is_not_read_through_links_out_of_its_folder_nor_from_pipes_and_devices() {
    let bench = bench();
    for name in ["model.json", "model.safetensors"] {
        let file = format!("run/best/{name}");
        let original = fs::read(bench.file(&file)).unwrap();
        for target in ["../../outside/model.json", "/dev/zero", "/nowhere"] {
            replace(&bench, &file, |place| symlink(target, place).unwrap());
            let message = bench.forewarn(&EVALUATE).code(4).stderr();
            let told = format!("{file} is a link that leads out of run");
            assert!(message.contains(&told), "{message}");
        }
        replace(&bench, &file, pipe);
        let message = bench.forewarn(&EVALUATE).code(4).stderr();
        assert!(message.contains(&format!("{file}: it is not a regular file")), "{message}");
        replace(&bench, &file, endless);
        let message = bench.forewarn(&EVALUATE).code(4).stderr();
        assert!(message.contains(&format!("{file}: it is 1099511627776 bytes long")), "{message}");
        replace(&bench, &file, |place| fs::write(place, &original).unwrap());
    }
    bench.forewarn(&EVALUATE).success();
    replace(&bench, "run/best", link("../outside"));
    let message = bench.forewarn(&EVALUATE).code(4).stderr();
    assert!(message.contains("run/best is a link that leads out of run"), "{message}");
    // Who names the folder itself means it.
    symlink("outside", bench.file("by_hand")).unwrap();
    bench.forewarn(&["evaluate", "by_hand", "--data", "data.csv"]).success();
}

#[test]
fn a_report_is_not_written_through_links_out_of_the_run() {
    let bench = bench();
    let before = outside(&bench);
    let page = bench.read("run/report.html");
    for (name, target) in [
        ("report.html", "../outside/report.html"),
        ("report.html", "../outside/new.html"),
        ("plots", "../outside"),
        ("plots/winner_loss.svg", "../../outside/run.json"),
        ("plots/winner_loss.svg", "../../outside/new.svg"),
        ("plots/reliability.svg", "../../outside/new.svg"),
    ] {
        let file = format!("run/{name}");
        let folder = name.starts_with("plots");
        replace(&bench, &file, |place| symlink(target, place).unwrap());
        let message = bench.forewarn(&REPORT).code(5).stderr();
        let told = format!("{file} is a link that leads out of run");
        assert!(message.contains(&told), "{message}");
        assert_eq!(outside(&bench), before, "{name}");
        assert!(!folder || bench.read("run/report.html") == page, "{name}: half a report");
        let whole = |place: &Path| match name {
            "plots" => fs::create_dir(place).unwrap(),
            _ => fs::write(place, &page).unwrap(),
        };
        replace(&bench, &file, whole);
    }
    replace(&bench, "run/report.html", pipe);
    let message = bench.forewarn(&REPORT).code(5).stderr();
    assert!(
        message.contains("cannot write run/report.html: it is not a regular file"),
        "{message}"
    );
    replace(&bench, "run/report.html", link("plots/page.html"));
    let message = bench.forewarn(&REPORT).code(5).stderr();
    assert!(message.contains("leads out"), "a link to nothing: {message}");
    fs::write(bench.file("run/plots/page.html"), "old").unwrap();
    bench.forewarn(&REPORT).success();
    assert_eq!(bench.read("run/plots/page.html"), page, "a link within the run is followed");
}

#[test]
fn a_report_is_not_made_of_files_outside_the_run_nor_of_pipes_and_endless_files() {
    let bench = bench();
    for name in [
        "run.json",
        "trials.csv",
        "curves.csv",
        "best/metrics.json",
        "best/roc.csv",
        "best/reliability.csv",
    ] {
        let file = format!("run/{name}");
        let original = fs::read(bench.file(&file)).unwrap();
        let up = if name.contains('/') { "../../" } else { "../" };
        let target = format!("{up}outside/{}", name.trim_start_matches("best/"));
        for target in [target.as_str(), "/dev/zero"] {
            replace(&bench, &file, |place| symlink(target, place).unwrap());
            let message = bench.forewarn(&REPORT).code(4).stderr();
            let told = format!("{file} is a link that leads out of run");
            assert!(message.contains(&told), "{message}");
        }
        replace(&bench, &file, pipe);
        let message = bench.forewarn(&REPORT).code(4).stderr();
        assert!(message.contains(&format!("{file}: it is not a regular file")), "{message}");
        replace(&bench, &file, endless);
        let message = bench.forewarn(&REPORT).code(4).stderr();
        let told = message.contains("bytes long") || message.contains("a line is longer than");
        assert!(told && message.contains(&file), "{message}");
        replace(&bench, &file, |place| fs::write(place, &original).unwrap());
    }
    bench.forewarn(&REPORT).success();
}

#[test]
fn a_table_of_families_is_not_read_from_outside_the_run_nor_from_pipes_and_endless_files() {
    let bench = Bench::new();
    crate::family_table::sweep(&bench, "run");
    fs::create_dir(bench.file("outside")).unwrap();
    fs::copy(bench.file("run/families.csv"), bench.file("outside/families.csv")).unwrap();
    let original = fs::read(bench.file("run/families.csv")).unwrap();
    let compare = ["compare", "run", "run"];
    for command in [REPORT.as_slice(), compare.as_slice()] {
        let refused = |told: &str| {
            let message = bench.forewarn(command).code(4).stderr();
            assert!(message.contains("run/families.csv") && message.contains(told), "{message}");
        };
        for target in ["../outside/families.csv", "/dev/zero"] {
            replace(&bench, "run/families.csv", |place| symlink(target, place).unwrap());
            refused("is a link that leads out of run");
        }
        replace(&bench, "run/families.csv", pipe);
        refused("it is not a regular file");
        replace(&bench, "run/families.csv", endless);
        refused("bytes long");
        replace(&bench, "run/families.csv", |place| {
            let text = String::from_utf8(original.clone()).unwrap();
            fs::write(place, text.replacen(",finished,", ",began,", 1)).unwrap();
        });
        refused("has no column `finished`");
        replace(&bench, "run/families.csv", |place| fs::write(place, &original).unwrap());
        bench.forewarn(command).success();
    }
}

#[test]
fn curves_that_no_axis_can_hold_end_in_a_report_or_an_error() {
    let bench = bench();
    let curves = bench.read("run/curves.csv");
    let with = |at: usize, value: &str| {
        let change = |(row, line): (usize, &str)| {
            let mut cells: Vec<&str> = line.split(',').collect();
            if row > 0 {
                cells[at] = value;
            }
            cells.join(",") + "\n"
        };
        curves.lines().enumerate().map(change).collect::<String>()
    };
    let column = |name| curves.lines().next().unwrap().split(',').position(|one| one == name);
    let (loss, epoch) = (column("valid_loss").unwrap(), column("epoch").unwrap());
    for value in ["1.7e308", "-1.7e308", "1e300", "1e-320", "0", "-0", "inf", "NaN"] {
        bench.write("run/curves.csv", &with(loss, value));
        bench.forewarn(&REPORT).success();
    }
    bench.write("run/curves.csv", &with(epoch, "4294967295"));
    bench.forewarn(&REPORT).success();
    bench.write("run/curves.csv", &with(epoch, "18446744073709551615"));
    let message = bench.forewarn(&REPORT).code(4).stderr();
    assert!(message.contains("run/curves.csv, line 2"), "{message}");
}

#[test]
fn a_trial_is_not_trained_again_on_pipes_and_devices_that_run_json_names() {
    let bench = bench();
    let original = bench.read("run/run.json");
    pipe(&bench.file("pipe"));
    let sound = "\"source\": \"data.csv\"";
    assert!(original.contains(sound));
    for source in ["/dev/zero", "/dev/zero#sheet", "pipe"] {
        let changed = original.replace(sound, &format!("\"source\": \"{source}\""));
        bench.write("run/run.json", &changed);
        let message = bench.forewarn(&["model", "run:0", "--out", "again"]).code(4).stderr();
        assert!(message.contains("not a regular file") && message.contains("--data"), "{message}");
    }
    replace(&bench, "run/run.json", link("../outside/run.json"));
    let message = bench.forewarn(&["model", "run:0", "--out", "again"]).code(4).stderr();
    assert!(message.contains("run/run.json") && message.contains("leads out of run"), "{message}");
    bench.forewarn(&["model", "best:0", "--out", "again"]).code(4);
    assert!(!bench.file("again").exists());
}

/// run.json holds a whole grid file: what a sweep would refuse, `forewarn model` does.
#[test]
fn a_run_file_that_no_run_wrote_is_refused_before_anything_is_trained() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["variants"] = json!({"net": {}, "near": {"family": "knn"}});
    bench.write_grid(&grid);
    bench.sweep("run");
    let sound: Value = serde_json::from_str(&bench.read("run/run.json")).unwrap();
    let near = "/grid/variants/near/grid/n_neighbors";
    for (trial, key, value, code, told) in [
        (0, "/engine", json!("steam"), 4, "unknown variant `steam`"),
        (0, "/engine", json!(null), 4, "run.json"),
        (0, "/data/sha256", json!("0"), 4, "another table"),
        (0, "/grid/grid/hidden", json!([[1_000_000, 1_000_000]]), 1, "needs about"),
        (0, "/grid/grid/epochs", json!([0]), 3, "grid.epochs[0]"),
        (4, near, json!([100_000]), 3, "variants.near.grid.n_neighbors"),
        (9, near, json!([1]), 4, "it has no trial 9"),
    ] {
        let mut changed = sound.clone();
        *changed.pointer_mut(key).unwrap() = value;
        bench.write("run/run.json", &changed.to_string());
        let arguments = ["model", &format!("run:{trial}"), "--out", "trial"];
        let message = bench.forewarn(&arguments).code(code).stderr();
        assert!(message.contains(told) && !bench.file("trial").exists(), "{key}: {message}");
    }
    for bytes in ["", "{", "[]", "null", "\u{0}"] {
        bench.write("run/run.json", bytes);
        let message = bench.forewarn(&["model", "run:0", "--out", "trial"]).code(4).stderr();
        assert!(message.contains("run/run.json: "), "{message}");
    }
}
