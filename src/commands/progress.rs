//! What a sweep shows while it runs: a bar on a terminal, plain lines elsewhere, nothing if quiet.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::metrics::Score;
use crate::record::RunLog;
use crate::spec::RankBy;
use crate::sweep::{CurveRow, Job, Observer, Outcome, Settings, TrialResult, Varied, Winner};

/// Plain lines come no closer than this.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// The destination of progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Show {
    Bar,
    Lines,
    Nothing,
}

/// Follows a run: passes the curves on to their log, and shows how far it is.
pub(super) struct Progress<'a> {
    log: &'a RunLog,
    /// Raised when the log takes no more rows: training on would be for nothing.
    stop: &'a AtomicBool,
    rank_by: RankBy,
    score: Score,
    /// Axes with more than one value: by which trials differ.
    varied: Varied,
    trials: usize,
    /// Rounds of all members.
    rounds: u64,
    done: AtomicU64,
    state: Mutex<State>,
    show: Show,
    bar: ProgressBar,
    started: Instant,
}

struct State {
    ended: usize,
    best: Option<TrialResult>,
    last_line: Instant,
}

impl<'a> Progress<'a> {
    /// Follows `jobs`, after the outcome of the `past`.
    pub fn new(
        log: &'a RunLog,
        stop: &'a AtomicBool,
        settings: &Settings<'_>,
        jobs: &[Job],
        past: &Outcome,
        (rank_by, quiet): (&RankBy, bool),
    ) -> Self {
        let rounds = jobs.iter().flat_map(Job::rounds).map(u64::from).sum::<u64>();
        let rounds = rounds * settings.data.count() as u64;
        let ended = past.results.len();
        let trials = ended + jobs.iter().flat_map(Job::trials).count();
        let best = past.winner(settings.rank_by).map(|winner| winner.result.clone());
        let before = past.results.iter().map(|result| &result.trial);
        let varied = Varied::among(before.chain(jobs.iter().flat_map(Job::trials)));
        let show = match (quiet, std::io::stderr().is_terminal()) {
            (true, _) => Show::Nothing,
            (false, true) => Show::Bar,
            (false, false) => Show::Lines,
        };
        let bar = if show == Show::Bar { ProgressBar::new(rounds) } else { ProgressBar::hidden() };
        let style = "{bar:24} {percent:>3}%  {msg}  {per_sec}  {eta} left";
        if let Ok(style) = ProgressStyle::with_template(style) {
            let per_second = |state: &indicatif::ProgressState, out: &mut dyn std::fmt::Write| {
                let _ = write!(out, "{:.0} rounds/s", state.per_sec());
            };
            bar.set_style(style.with_key("per_sec", per_second));
        }
        bar.set_message(format!("{ended}/{trials} trials"));
        let started = Instant::now();
        Self {
            log,
            stop,
            rank_by: rank_by.clone(),
            score: settings.rank_by,
            varied,
            trials,
            rounds,
            done: AtomicU64::new(0),
            state: Mutex::new(State { ended, best, last_line: started }),
            show,
            bar,
            started,
        }
    }

    /// Clears the bar, or prints the last line.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
        if self.show == Show::Lines {
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            self.print_line(&state);
        }
    }

    /// `trials done, the best so far with its settings`.
    fn summary(&self, state: &State) -> String {
        let best = state.best.as_ref().map(|best| {
            format!(", best {}", describe(best, (&self.rank_by, self.score), &self.varied))
        });
        format!("{}/{} trials{}", state.ended, self.trials, best.unwrap_or_default())
    }

    /// A line for logs, at most one in a while.
    fn line(&self, state: &mut State) {
        if self.show != Show::Lines || state.last_line.elapsed() < BETWEEN_LINES {
            return;
        }
        state.last_line = Instant::now();
        self.print_line(state);
    }

    fn print_line(&self, state: &State) {
        let done = self.done.load(Ordering::Relaxed);
        let pace = done as f64 / self.started.elapsed().as_secs_f64();
        if done == 0 {
            return complain!("{}", self.summary(state));
        }
        // Networks that diverged or stopped early leave rounds undone.
        let undone = if state.ended < self.trials { self.rounds.saturating_sub(done) } else { 0 };
        let left = undone as f64 / pace;
        complain!("{}, {pace:.0} rounds/s, {left:.0} s left", self.summary(state));
    }
}

/// `valid_macro_f1 0.7123 (trial 5: learning_rate 0.01, hidden 64-32)`.
pub(super) fn describe(
    result: &TrialResult,
    (rank_by, score): (&RankBy, Score),
    varied: &Varied,
) -> String {
    let Some([_, valid, _]) = &result.scores else { return "nothing yet".to_owned() };
    let score = valid.score(score);
    let settings = varied.of(&result.trial);
    let settings =
        if settings.is_empty() { String::new() } else { format!(": {}", settings.join(", ")) };
    format!("{} {score:.4} (trial {}{settings})", rank_by.name(), result.trial.number)
}

impl Observer for Progress<'_> {
    fn round_ended(&self, rows: &[CurveRow<'_>], members: usize) {
        if !self.log.round(rows) {
            self.stop.store(true, Ordering::Relaxed);
        }
        self.done.fetch_add(members as u64, Ordering::Relaxed);
        self.bar.inc(members as u64);
        if self.show == Show::Lines {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            self.line(&mut state);
        }
    }

    fn trials_ended(&self, results: &[TrialResult], best: Option<&Winner>) {
        if !self.log.ended(results, best) {
            self.stop.store(true, Ordering::Relaxed);
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.ended += results.len();
        if let Some(best) = best {
            let held = state.best.as_ref();
            if held.is_none_or(|held| best.result.beats(held, self.score)) {
                state.best = Some(best.result.clone());
            }
        }
        self.bar.set_message(self.summary(&state));
        self.line(&mut state);
    }
}
