//! The journal of a run, which only its own process should have written.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use forewarn::examples::{Examples, Fold, Matrix};
use forewarn::families::{Dataset, Fitted};
use forewarn::metrics::{Rate, Score};
use forewarn::record::{Earlier, RecordError, RunFolder, RunLog};
use forewarn::spec::{self, Fixed};
use forewarn::sweep::{self, Candidates, MemoryLimit, Settings, Status};
use serde_json::{Value, json};

use super::mutate::Dice;
use super::{Door, json as json_text};
use crate::support::Bench;

/// A journal of 8 trials, one of which diverged, on two folds.
fn sound(bench: &Bench) -> String {
    let mut grid = bench.grid();
    grid["grid"]["learning_rate"] = json!([0.01, 1e30]);
    grid["grid"]["epochs"] = json!([1, 2]);
    grid["grid"]["hidden"] = json!([[2], []]);
    grid["split"] = json!({"folds": {"count": 2, "test": 0.2}});
    bench.write_grid(&grid);
    bench.sweep("run");
    bench.read("run/journal.jsonl")
}

/// A line with the checksum that its JSON should have.
fn sealed(json: &[u8]) -> Vec<u8> {
    let sum = format!("{:08x} ", crc32fast::hash(json));
    [sum.as_bytes(), json, b"\n"].concat()
}

/// Breaks a line's JSON and seals it again: the checksum is no secret. Or moves whole lines about.
fn mutate(dice: &mut Dice, bytes: &[u8], other: &[u8]) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> =
        bytes.split_inclusive(|&byte| byte == b'\n').map(Vec::from).collect();
    let others: Vec<&[u8]> = other.split_inclusive(|&byte| byte == b'\n').collect();
    if lines.is_empty() || others.is_empty() {
        return sealed(b"{}");
    }
    for _ in 0..dice.count() {
        let (mut place, from) = (dice.below(lines.len()), dice.below(others.len()));
        // A changed first line mostly ends the matter.
        if place == 0 && lines.len() > 1 && !dice.one_in(8) {
            place += 1;
        }
        match dice.below(8) {
            0 => lines.insert(place, others[from].to_vec()),
            1 => lines.push(lines[place].clone()),
            2 if lines.len() > 1 => drop(lines.remove(place)),
            _ => {
                let json = lines[place].get(9..).unwrap_or_default().trim_ascii_end();
                let other = others[from].get(9..).unwrap_or_default().trim_ascii_end();
                lines[place] = sealed(&json_text::mutate(dice, json, other, word));
            }
        }
    }
    lines.concat()
}

/// What a line might hold elsewhere.
fn word(dice: &mut Dice) -> String {
    const WORDS: &str = "\"finished\"|{\"diverged\":1}|{\"failed\":\"x\"}|\"NaN\"|\"inf\"|\"1e400\"|\"\"|0|1|7|8|\
        \"AAAA\"|\"AACAfwAAwH8=\"|\"0,0,0,1\\n\"|null|[]|{}|18446744073709551615|-1|4294967296";
    dice.one_of(WORDS, '|').to_owned()
}

/// Claims the run's folder. A test beside this one that starts a program holds all locks of this
/// process for a moment, until its child is that program.
fn claim(run: &Path) -> RunFolder {
    loop {
        match RunFolder::claim(run, Earlier::Resume) {
            Err(RecordError::Busy { .. }) => std::thread::sleep(Duration::from_millis(5)),
            claimed => return claimed.unwrap(),
        }
    }
}

/// journal.jsonl: gone on with, closed, and gone on with again.
pub fn journal() -> Door {
    let bench = Bench::new();
    let text = sound(&bench);
    let head: Value = serde_json::from_str(&text.lines().next().unwrap()[9..]).unwrap();
    let grid = bench.read("grid.json");
    let study = spec::parse(&bench.file("grid.json"), &grid).unwrap();
    let trials = sweep::trials(&study.file);
    let none = || Examples { features: Matrix::new(4, Vec::new()), labels: Vec::new() };
    let fold = Fold { train: none(), valid: none(), test: none(), ..Fold::default() };
    let (folds, fixed) = ([fold.clone(), fold], Fixed::default());
    let classes = ["0", "1"].map(str::to_owned);
    let enter = move |bytes: &[u8]| -> Result<String, String> {
        let settings = Settings {
            data: Dataset::new(&folds, 2, &classes, &study.file).unwrap(),
            fixed: &fixed,
            rank_by: Score::Macro(Rate::F1),
            restore_best: true,
            curve_every: 1,
            seed: 7,
            workers: 1,
            memory: MemoryLimit::NONE,
            candidates: Candidates::default(),
        };
        let run = bench.file("run");
        fs::write(run.join("journal.jsonl"), bytes).unwrap();
        let mut ended = Vec::new();
        for time in ["first", "second"] {
            let folder = claim(&run);
            let resumed =
                RunLog::resume(&folder, &head["made_of"], &trials, &settings, Instant::now());
            let Some((log, past)) = resumed.map_err(|error| error.to_string())? else {
                return Ok("ok: nothing yet".to_owned());
            };
            log.close().unwrap();
            let numbers: Vec<usize> =
                past.outcome.results.iter().map(|result| result.trial.number).collect();
            assert!(numbers.is_sorted() && numbers.iter().all(|&number| number < trials.len()));
            let best = past.outcome.results.iter().find(|result| result.scores.is_some());
            let winner = past.outcome.winner(settings.rank_by);
            assert_eq!(best.is_some(), winner.is_some(), "a network without a trial");
            if let Some(winner) = winner {
                assert!(winner.fold < 2 && winner.result.status == Status::Finished);
                assert!(
                    past.outcome
                        .results
                        .iter()
                        .all(|it| !it.beats(&winner.result, settings.rank_by))
                );
                let Fitted::Network(network) = &winner.fitted else { panic!("no network") };
                let shapes = network.architecture.tensors();
                for (values, tensor) in network.weights.tensors().into_iter().zip(shapes) {
                    assert_eq!(values.len(), tensor.len());
                }
            }
            let curves = fs::read(run.join("curves.csv")).unwrap();
            assert!(curves.starts_with(b"trial,fold,seed,epoch") && curves.ends_with(b"\n"));
            assert!(past.repair.is_none() || time == "first", "a repair lasts");
            ended.push((numbers, past.repair.is_some()));
        }
        assert_eq!(ended[0].0, ended[1].0);
        Ok(format!("ok: {} of 8, repaired {}", ended[0].0.len(), ended[0].1))
    };
    Door {
        name: "journal",
        seeds: vec![text.into()],
        mutate,
        enter: Box::new(move |bytes| enter(bytes).unwrap_or_else(|error| error)),
    }
}
