//! Trials that panic or find no memory: recorded with the reason, and the sweep goes on.

use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use forewarn::engine::native::NativeEngine;
use forewarn::engine::{Engine, EngineError, Pack, PackPlan};
use forewarn::examples::{Examples, Fold, Matrix};
use forewarn::families::Dataset;
use forewarn::metrics::Score;
use forewarn::network::{Architecture, Weights};
use forewarn::spec::{Fixed, GridFile, Params};
use forewarn::sweep::{
    self, Candidates, CurveRow, MemoryLimit, Observer, Outcome, Settings, Status, TrialResult,
    Winner,
};
use serde_json::{Value, json};

use crate::support::{Bench, GO_ON, table};

/// The native engine, but for networks with a hidden layer of five units: those panic.
struct Panics<'a>(NativeEngine<'a>);

impl Engine for Panics<'_> {
    fn name(&self) -> &'static str {
        "panics"
    }

    fn pack_size(&self) -> usize {
        1
    }

    fn bytes(&self, plan: &PackPlan) -> f64 {
        self.0.bytes(plan)
    }

    fn start<'a>(
        &'a self,
        plan: &PackPlan,
        worker: usize,
        stop: &'a AtomicBool,
    ) -> Result<Box<dyn Pack + 'a>, EngineError> {
        let widths = &plan.architecture.hidden;
        assert!(widths != &[5], "five units of layer {}", widths.len());
        self.0.start(plan, worker, stop)
    }

    fn logits(&self, _: &Architecture, _: &Weights, _: &Matrix) -> Result<Vec<f32>, EngineError> {
        unreachable!()
    }
}

/// Counts what it is recorded.
#[derive(Default)]
struct Recorded(Mutex<(Vec<usize>, usize)>);

impl Observer for Recorded {
    fn round_ended(&self, _: &[CurveRow<'_>], _: usize) {}

    fn trials_ended(&self, results: &[TrialResult], best: Option<&Winner>) {
        let mut recorded = self.0.lock().unwrap();
        recorded.0.extend(results.iter().map(|result| result.trial.number));
        recorded.1 += usize::from(best.is_some());
    }
}

#[test]
fn a_panic_in_a_trial_is_a_failed_trial_with_its_message_and_the_others_go_on() {
    let rows = || {
        let values = (0..400).map(|at| (at as f32 * 0.7).sin()).collect();
        let labels = (0..100).map(|row| row % 3).collect();
        Examples { features: Matrix::new(4, values), labels }
    };
    let folds = [Fold { train: rows(), valid: rows(), test: rows(), ..Fold::default() }];
    let engine = Panics(NativeEngine::new(&folds));
    let file: GridFile = serde_json::from_value(json!({
        "name": "x",
        "data": {"source": {"file": "x.csv"}, "target": "y"},
        "grid": {
            "learning_rate": [0.01, 0.02], "optimizer": ["adam"], "epochs": [2, 4],
            "hidden": [[4], [5], [6]]
        }
    }))
    .unwrap();
    let classes = ["0", "1", "2"].map(str::to_owned);
    let fixed = Fixed::default();
    let settings = Settings {
        data: Dataset::new(&folds, 1, &classes, &file).unwrap(),
        fixed: &fixed,
        rank_by: Score::Loss,
        restore_best: true,
        curve_every: 1,
        seed: 1,
        workers: 2,
        memory: MemoryLimit::NONE,
        candidates: Candidates::default(),
    };
    let jobs = sweep::plan(sweep::trials(&file), &engine);
    let recorded = Recorded::default();
    let cx = settings.context(&engine, &GO_ON);
    let outcome = sweep::run(cx, jobs, &settings, Outcome::default(), &recorded).unwrap();
    assert_eq!(outcome.results.len(), 12);
    for result in &outcome.results {
        let Params::Mlp(params) = &result.trial.params else { panic!("no network") };
        let expected = if params.hidden.iter().map(|width| width.get()).eq([5]) {
            Status::Failed("panicked: five units of layer 1".to_owned())
        } else {
            Status::Finished
        };
        assert_eq!(result.status, expected, "trial {}", result.trial.number);
    }
    let (mut numbers, bests) = recorded.0.into_inner().unwrap();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..12).collect::<Vec<_>>(), "each is recorded once");
    assert!(bests >= 1);
    assert_eq!(outcome.winner(Score::Loss).unwrap().result, outcome.results[0]);
    assert!(outcome.results[8..].iter().all(|result| result.scores.is_none()), "failed rank last");
}

/// A grid with a network that the memory does not suffice for.
fn bench() -> Bench {
    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["grid"]["epochs"] = json!([1]);
    grid["grid"]["hidden"] = json!([[8], [3000, 3000], [4]]);
    bench.write_grid(&grid);
    bench
}

#[test]
fn a_network_that_finds_no_memory_fails_alone_and_is_tried_again_where_there_is_more() {
    let bench = bench();
    let sweep = ["sweep", "grid.json", "--out", "run", "--resume", "--memory", "400MB"];
    let ended = bench.forewarn(&sweep).code(1);
    let message = ended.stderr();
    assert!(message.contains("trial 2 failed: a network of 9024002 weights needs"), "{message}");
    assert!(message.contains("--memory"), "{message}");
    let status = |run: &str| {
        let mut trials = table(&bench.file(run).join("trials.csv"));
        trials.sort_by_key(|trial| trial["trial"].parse::<usize>().unwrap());
        trials.into_iter().map(|trial| trial["status"].clone()).collect::<Vec<_>>()
    };
    let [well, bad] = ["finished", "failed"];
    assert_eq!(status("run"), [well, well, bad, bad, well, well]);
    let run: Value = serde_json::from_str(&bench.read("run/run.json")).unwrap();
    assert_eq!((&run["status"], &run["trials"]["failed"]), (&json!("finished"), &json!(2)));
    assert_eq!(run["failures"].as_array().unwrap().len(), 2);
    // With more memory it is only the failed ones that are trained.
    let journal = bench.read("run/journal.jsonl").lines().count();
    bench.forewarn(&sweep[..5]).success();
    assert_eq!(bench.read("run/journal.jsonl").lines().count(), journal + 2);
    assert_eq!(status("run"), [well; 6]);
    bench.sweep("whole");
    assert!(bench.read("run/curves.csv") == bench.read("whole/curves.csv"));
}

#[test]
fn trials_that_always_fail_do_not_keep_a_limited_run_from_the_others() {
    let bench = bench();
    let limit = ["sweep", "grid.json", "--out", "run", "--resume", "--memory", "400MB"];
    let limit = [&limit[..], &["--max-trials", "1", "-q"]].concat();
    // In the order of the grid: two that finish, the two that fail, two that finish.
    for code in [0, 0, 1, 1, 0, 0] {
        bench.forewarn(&limit).code(code);
    }
    let trials = table(&bench.file("run/trials.csv"));
    let finished = trials.iter().filter(|trial| trial["status"] == "finished").count();
    assert_eq!(finished, 4);
}

#[test]
fn too_little_memory_for_the_program_itself_is_said_before_anything_is_trained() {
    let bench = bench();
    let sweep = ["sweep", "grid.json", "--out", "run", "--memory", "20MB"];
    let message = bench.forewarn(&sweep).code(1).stderr();
    assert!(message.contains("--memory: the program and its table take "), "{message}");
    assert!(!bench.file("run").exists());
}
