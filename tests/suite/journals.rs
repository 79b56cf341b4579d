//! The journal of a run: whose it is, and what becomes of a damaged one.

use std::fs;

use forewarn::random::{Purpose, Streams};
use rand::RngExt;
use serde_json::{Value, json};

use crate::support::{Bench, motor};

/// A bench with a finished run of 12 trials in `run`, and its curves.
fn bench() -> (Bench, String) {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["grid"]["epochs"] = json!([2, 5]);
    grid["grid"]["hidden"] = json!([[8], [8, 4], []]);
    bench.write_grid(&grid);
    bench.sweep("run");
    let curves = bench.read("run/curves.csv");
    (bench, curves)
}

const RESUME: [&str; 5] = ["sweep", "grid.json", "--out", "run", "--resume"];

/// The line of a JSON text, with its checksum.
fn sealed(json: &str) -> String {
    format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes()))
}

#[test]
fn a_damaged_or_cut_journal_is_repaired_to_its_last_whole_record_and_says_so() {
    let (bench, curves) = bench();
    let whole = fs::read(bench.file("run/journal.jsonl")).unwrap();
    let head = whole.iter().position(|&byte| byte == b'\n').unwrap() + 1;
    let mut dice = Streams::new(4, 5, 6).generator(Purpose::Shuffle, 0);
    for case in 0..12 {
        let place = dice.random_range(head..whole.len() - 1);
        let mut damaged = whole.clone();
        match case % 3 {
            0 => damaged.truncate(place),
            1 => damaged[place] ^= 1 << dice.random_range(0..8),
            _ => damaged[place..].iter_mut().for_each(|byte| *byte = 0),
        }
        fs::write(bench.file("run/journal.jsonl"), &damaged).unwrap();
        let said = bench.forewarn(&RESUME).success().stdout();
        // Whole lines before the damage are kept, whatever comes after it is trained again.
        let mut end = head;
        let lines = whole[head..].split_inclusive(|&byte| byte == b'\n');
        let whole_lines = lines.map(|line| {
            end += line.len();
            end
        });
        let ends: Vec<usize> = whole_lines.take_while(|&end| end <= place).collect();
        let (kept, end) = (ends.len(), ends.last().copied().unwrap_or(head));
        let lost = damaged.len() - end;
        if lost > 0 {
            let note = format!("the last {lost} bytes are damaged or were cut off");
            assert!(said.contains(&note), "{note}: {said}");
        }
        assert!(said.contains(&format!("{kept} of 12 trial(s) had ended")), "{kept}: {said}");
        assert!(bench.read("run/curves.csv") == curves);
    }
}

#[test]
fn a_journal_without_a_whole_line_is_begun_again() {
    let (bench, curves) = bench();
    let whole = bench.read("run/journal.jsonl");
    for cut in [0, 5, 200] {
        fs::write(bench.file("run/journal.jsonl"), &whole[..cut]).unwrap();
        bench.forewarn(&RESUME).success();
        assert!(bench.read("run/curves.csv") == curves);
        assert_eq!(bench.read("run/journal.jsonl").lines().count(), 1 + 12);
    }
}

#[test]
fn a_journal_with_a_damaged_first_line_is_left_as_it_is() {
    let (bench, _) = bench();
    let damaged = bench.read("run/journal.jsonl").replacen("bench", "trench", 1);
    bench.write("run/journal.jsonl", &damaged);
    let message = bench.forewarn(&RESUME).code(5).stderr();
    assert!(message.contains("journal.jsonl is damaged, so nothing tells"), "{message}");
    assert_eq!(bench.read("run/journal.jsonl"), damaged);
}

#[test]
fn a_run_that_is_made_of_something_else_is_refused_with_what_differs() {
    let (bench, curves) = bench();
    let journal = bench.read("run/journal.jsonl");
    let refused = |more: &[&str], parts: &[&str]| {
        let message = bench.forewarn(&[&RESUME, more].concat()).code(5).stderr();
        for part in parts {
            assert!(message.contains(part), "{part}: {message}");
        }
        assert_eq!(bench.read("run/journal.jsonl"), journal, "it is left as it is");
        assert!(bench.read("run/curves.csv") == curves);
    };
    refused(&["--seed", "8"], &["of another run: grid.seed was 7, is 8 now", "--overwrite"]);
    refused(&["--engine", "torch"], &[r#"engine was "native", is "torch" now"#, "packs was 6"]);
    bench.write("other.csv", &motor(401));
    refused(&["--data", "other.csv"], &["data_sha256 was"]);
    let mut grid: Value = serde_json::from_str(&bench.read("grid.json")).unwrap();
    grid["grid"]["dropout"] = json!([0, 0.5]);
    grid["prepare"] = json!({"scale": "min_max"});
    let before = bench.read("grid.json");
    bench.write_grid(&grid);
    let scale = r#"grid.prepare.scale was "standard", is "min_max" now"#;
    refused(&[], &["grid.grid.dropout was [0.0], is [0.0,0.5] now", scale]);
    // Words about the grid are no part of it.
    let mut grid: Value = serde_json::from_str(&before).unwrap();
    grid["description"] = json!("in other words");
    bench.write_grid(&grid);
    bench.forewarn(&RESUME).success();
}

#[test]
fn a_journal_of_another_version_is_refused_with_both_versions() {
    let (bench, _) = bench();
    let journal = bench.read("run/journal.jsonl");
    let (head, rest) = journal.split_once('\n').unwrap();
    let ours = concat!("\"forewarn\":\"", env!("CARGO_PKG_VERSION"), "\"");
    for (from, to, part) in [
        (ours, "\"forewarn\":\"0.0.9\"", "forewarn was \"0.0.9\", is "),
        ("\"format\":1", "\"format\":2", "has format 2, and this version goes on with 1"),
    ] {
        let head = head[9..].replacen(from, to, 1);
        bench.write("run/journal.jsonl", &(sealed(&head) + rest));
        let message = bench.forewarn(&RESUME).code(5).stderr();
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn a_run_without_a_journal_is_not_begun_again_by_resume() {
    let (bench, curves) = bench();
    fs::remove_file(bench.file("run/journal.jsonl")).unwrap();
    let message = bench.forewarn(&RESUME).code(5).stderr();
    assert!(message.contains("a run without a journal"), "{message}");
    assert!(bench.read("run/curves.csv") == curves);
}

#[test]
#[cfg(unix)]
fn links_that_lead_out_of_the_folder_are_refused() {
    use std::os::unix::fs::symlink;
    let (bench, _) = bench();
    bench.write("precious.txt", "precious");
    fs::create_dir(bench.file("elsewhere")).unwrap();
    for (name, target) in [("run/report.html", "../precious.txt"), ("run/plots", "../elsewhere")] {
        let path = bench.file(name);
        fs::rename(&path, bench.file("aside")).unwrap();
        symlink(target, &path).unwrap();
        for how in ["--resume", "--overwrite"] {
            let arguments = ["sweep", "grid.json", "--out", "run", how];
            let message = bench.forewarn(&arguments).code(5).stderr();
            assert!(message.contains("is a link that leads out of run"), "{message}");
        }
        fs::remove_file(&path).unwrap();
        fs::rename(bench.file("aside"), &path).unwrap();
    }
    assert_eq!(bench.read("precious.txt"), "precious");
    assert_eq!(fs::read_dir(bench.file("elsewhere")).unwrap().count(), 0);
}
