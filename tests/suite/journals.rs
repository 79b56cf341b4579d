//! The journal of a run: whose it is, and what becomes of a damaged one.

use std::fs;

use forewarn::random::{Purpose, Streams};
use rand::RngExt;
use serde_json::{Value, json};

use crate::support::{Bench, motor, table};

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
        let ended = bench.forewarn(&RESUME).success();
        let said = ended.stdout() + &ended.stderr();
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
            let note = format!("the last {lost} bytes, from line {} on, are damaged", kept + 2);
            assert!(said.contains(&note), "{note}: {said}");
        }
        assert!(said.contains(&format!("{kept} of 12 trials had ended")), "{kept}: {said}");
        assert!(bench.read("run/curves.csv") == curves);
    }
}

#[test]
fn a_run_whose_journal_lost_its_first_line_is_left_as_it_is() {
    let (bench, curves) = bench();
    let whole = bench.read("run/journal.jsonl");
    let changed = whole.replacen("bench", "trench", 1);
    for damaged in ["", &whole[..5], &whole[..200], "my notes", "my\nnotes\n", &changed] {
        bench.write("run/journal.jsonl", damaged);
        let message = bench.forewarn(&RESUME).code(5).stderr();
        let told = "journal.jsonl is damaged or cut off, so the run that it belongs to is unknown";
        assert!(message.contains(told) && !message.contains("to resume"), "{message}");
        assert_eq!(bench.read("run/journal.jsonl"), damaged);
        assert!(bench.read("run/curves.csv") == curves);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_journal_without_end_is_not_kept_in_memory() {
    let (bench, curves) = bench();
    let journal = fs::File::options().append(true).open(bench.file("run/journal.jsonl")).unwrap();
    journal.set_len(1 << 40).unwrap();
    let said = bench.forewarn(&RESUME).success().stderr();
    assert!(said.contains("from line 14 on, are damaged"), "{said}");
    assert!(bench.read("run/curves.csv") == curves);
    fs::write(bench.file("run/journal.jsonl"), "").unwrap();
    let journal = fs::File::options().write(true).open(bench.file("run/journal.jsonl")).unwrap();
    journal.set_len(1 << 40).unwrap();
    let message = bench.forewarn(&RESUME).code(5).stderr();
    assert!(message.contains("the first line"), "{message}");
}

/// Numbers of 17 digits, as a script writes them.
#[test]
fn a_grid_of_any_numbers_is_known_again() {
    let bench = Bench::new();
    let mut dice = Streams::new(7, 8, 9).generator(Purpose::Shuffle, 0);
    let mut rates: Vec<f64> =
        (0..200).map(|_| 10_f64.powf(dice.random_range(-9.0..-1.0))).collect();
    rates.extend([9.182_010_386_086_415e-8, 2.356_628_834_784_082_5e-7]);
    let mut grid = bench.grid();
    grid["grid"]["learning_rate"] = json!(rates);
    grid["grid"]["hidden"] = json!([[]]);
    grid["grid"]["epochs"] = json!([1]);
    bench.write_grid(&grid);
    bench.sweep("run");
    bench.forewarn(&RESUME).success();
    for trial in table(&bench.file("run/trials.csv")) {
        let number: usize = trial["trial"].parse().unwrap();
        assert_eq!(trial["learning_rate"].parse::<f64>().unwrap(), rates[number]);
    }
}

/// Test rows whose values overflow the network give scores that are not numbers.
#[test]
fn a_best_network_without_test_scores_is_not_trained_again_and_leaves_no_older_matrix() {
    let bench = Bench::new();
    let rows = motor(400);
    let lines: Vec<&str> = rows.lines().collect();
    let mut grid = bench.grid();
    grid["steps"] = json!([]);
    grid["grid"]["hidden"] = json!([[64, 64], [64, 64, 64]]);
    bench.write_grid(&grid);
    bench.sweep("sound");
    // Which rows are test rows is a matter of the labels and the seed alone.
    let labels: Vec<u32> = lines[1..].iter().map(|line| u32::from(line.ends_with("1.0"))).collect();
    let classes = ["0".to_owned(), "1".to_owned()];
    let shares =
        serde_json::from_value(json!({"shares": {"train": 0.7, "valid": 0.15, "test": 0.15}}));
    let keys = forewarn::data::RowKeys {
        labels: &labels,
        classes: &classes,
        ..forewarn::data::RowKeys::default()
    };
    let fold = forewarn::data::split(&keys, &shares.unwrap(), 7).unwrap().remove(0);
    let row = fold.part(forewarn::examples::Part::Test)[0] + 1;
    let mut changed: Vec<String> = lines.iter().map(ToString::to_string).collect();
    let class = changed[row].rsplit(',').next().unwrap().to_owned();
    changed[row] = format!("3.4e38,3.4e38,3.4e38,3.4e38,{class}");
    bench.write("data.csv", &(changed.join("\n") + "\n"));
    bench.sweep("run");
    let journal = bench.read("run/journal.jsonl");
    let whole = bench.read("run/curves.csv");
    assert!(journal.contains("NaN") || journal.contains("inf"), "the rows did not overflow");
    // Another call's winner had the matrix.
    bench.write("run/best/confusion_test.csv", "true,0,1\n");
    bench.write("run/best/roc.csv", "part,class\ntest,0\n");
    bench.forewarn(&RESUME).success();
    assert!(bench.read("run/journal.jsonl") == journal, "something was trained again");
    assert!(bench.read("run/curves.csv") == whole);
    assert!(!bench.file("run/best/confusion_test.csv").exists());
    for table in ["roc", "precision_recall", "cumulative_gain", "reliability"] {
        let text = bench.read(&format!("run/best/{table}.csv"));
        assert!(text.contains("\nvalid,") && !text.contains("\ntest,"), "{table}");
    }
}

#[test]
fn a_run_that_lost_its_trials_shows_no_older_winner() {
    let (bench, _) = bench();
    let journal = bench.read("run/journal.jsonl");
    bench.write("run/journal.jsonl", &(journal.lines().next().unwrap().to_owned() + "\n"));
    let stopped = [&RESUME[..], &["--time-budget", "0s"]].concat();
    let message = bench.forewarn(&stopped).code(7).stderr();
    assert!(message.contains("0 of 12 trials had ended"), "{message}");
    assert!(!bench.file("run/best/model.json").exists());
    assert!(!bench.file("run/plots/winner_loss.svg").exists());
    bench.forewarn(&["report", "run"]).success();
    assert!(!bench.read("run/report.html").contains("\"winner\":{"));
}

#[test]
fn a_folder_of_the_users_loses_nothing_to_a_run() {
    let (bench, _) = bench();
    fs::create_dir_all(bench.file("home/.forewarn-data")).unwrap();
    for name in ["home/.forewarn-data/precious", "home/.forewarn-notes", "home/notes.txt"] {
        bench.write(name, "precious");
    }
    for how in ["--resume", "--overwrite", "--resume"] {
        let arguments = ["sweep", "grid.json", "--out", "home", how];
        bench.forewarn(&arguments).success();
    }
    for name in ["home/.forewarn-data/precious", "home/.forewarn-notes", "home/notes.txt"] {
        assert_eq!(bench.read(name), "precious");
    }
    // What stands in a file's place is said before anything is trained.
    fs::remove_file(bench.file("home/trials.csv")).unwrap();
    fs::create_dir(bench.file("home/trials.csv")).unwrap();
    let arguments = ["sweep", "grid.json", "--out", "home", "--overwrite"];
    let message = bench.forewarn(&arguments).code(5).stderr();
    assert!(
        message.contains("trials.csv: it is a folder, and a run has a file there"),
        "{message}"
    );
}

#[test]
fn a_run_that_was_killed_has_no_report_of_an_older_moment() {
    let (bench, _) = bench();
    let run = bench.read("run/run.json").replacen("\"finished\"", "\"running\"", 1);
    bench.write("run/run.json", &run);
    let message = bench.forewarn(&["report", "run"]).code(4).stderr();
    assert!(message.contains("was cut off before its trials were ranked"), "{message}");
    assert!(message.contains("--resume"), "{message}");
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
    refused(
        &["--seed", "8"],
        &["belongs to another run: grid.seed was 7, is 8 now", "--overwrite"],
    );
    refused(
        &["--engine", "torch"],
        &[r#"engine was "native", is "torch" now"#, "libtorch was absent"],
    );
    bench.write("other.csv", &motor(401));
    refused(&["--data", "other.csv"], &["data_sha256 was"]);
    let mut grid: Value = serde_json::from_str(&bench.read("grid.json")).unwrap();
    grid["grid"]["dropout"] = json!([0, 0.5]);
    grid["steps"] = json!([{"scale": {"method": "min_max"}}]);
    let before = bench.read("grid.json");
    bench.write_grid(&grid);
    let scale = r#"{"scale":{"method":"standard"}}], is [{"scale":{"method":"min_max"}}] now"#;
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
        ("\"format\":5", "\"format\":6", "has format 6, and this version resumes 5"),
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

#[test]
fn a_run_that_was_begun_with_other_files_says_which_to_give_again() {
    let bench = Bench::new();
    bench.write("own file.csv", &motor(300));
    let begin = ["sweep", "grid.json", "--data", "own file.csv", "--out", "run", "-q"];
    bench.forewarn(&begin).success();
    let resume = ["sweep", "grid.json", "--out", "run", "--resume", "-q"];
    let told = "the run was begun with --data 'own file.csv': give that again";
    // The grid file's own table is another, and then is not there.
    let message = bench.forewarn(&resume).code(5).stderr();
    assert!(message.contains("data_sha256 was") && message.contains(told), "{message}");
    let table = bench.read("data.csv");
    fs::remove_file(bench.file("data.csv")).unwrap();
    let message = bench.forewarn(&resume).code(4).stderr();
    assert!(message.contains("data.csv") && message.contains(told), "{message}");
    // It may have been moved; and what is given already is not asked for.
    bench.write("data.csv", &bench.read("own file.csv"));
    bench.forewarn(&resume).success();
    bench.write("own file.csv", &table);
    let message = bench.forewarn(&[&begin[..], &["--resume"]].concat()).code(5).stderr();
    assert!(message.contains("data_sha256 was") && !message.contains("begun with --"), "{message}");
}
