//! The families of a run: the best model of each, how fast it predicts, and how they compare.

use std::collections::BTreeMap;

use super::keep::keep;
use super::session::Session;
use crate::commands::failure::Failure;
use crate::commands::numbers::duration;
use crate::metrics::Score;
use crate::record::{FAMILIES, KeptModel, RunFile, ScoreColumns, write_families};
use crate::spec::Family;
use crate::sweep::{
    Columns, Configuration, Outcome, Winner, best_of_families, by_part, predict_seconds, standings,
};
use crate::train::PartScores;

/// Keeps the best model of each family as the sweep trained it, and families.csv, where there are several;
/// else removes what an earlier call kept. Returns the models that were kept.
pub(super) fn keep_families(
    session: &Session<'_>,
    file: &RunFile,
    outcome: &Outcome,
    columns: &Columns,
) -> Result<BTreeMap<Family, KeptModel>, Failure> {
    let Session { folder, prepared, settings, .. } = *session;
    let several = outcome.winners.len() > 1;
    let mut kept = BTreeMap::new();
    for family in Family::ALL {
        let name = format!("{FAMILIES}/{family}");
        let Some(winner) = outcome.winners.get(family).filter(|_| several) else {
            folder.remove(&name)?;
            continue;
        };
        let best = session.as_trained(winner, file);
        keep(&folder.file(&name), &format!("the best {family}"), best, &prepared.classes)?;
        kept.insert(*family, kept_model(session, winner));
    }
    if several {
        let folds = settings.data.count();
        // As in `forewarn compare`: folds share train rows.
        let held_out = file.split.valid as f64 / file.split.train.max(1) as f64;
        let held_out = if folds > 1 { held_out } else { 0.0 };
        let standings = standings(&outcome.results, columns, settings.rank_by, held_out);
        let path = folder.file("families.csv");
        let scores = ScoreColumns::of(&file.grid.rank_by);
        write_families(&path, &standings, &kept, columns, &scores)?;
    } else {
        folder.remove("families.csv")?;
    }
    Ok(kept)
}

fn kept_model(session: &Session<'_>, winner: &Winner) -> KeptModel {
    let Winner { result, fold, fitted, .. } = winner;
    let (rows, _) = session.prepared.at(result.trial.preparation, Some(*fold));
    let predict_seconds = predict_seconds(fitted, session.engine, &rows.train.features);
    KeptModel { trial: result.trial.number, predict_seconds }
}

/// A line for the best configuration of each family, where models were kept of several.
pub(super) fn print_families(
    outcome: &Outcome,
    (file, rank_by): (&RunFile, Score),
    kept: &BTreeMap<Family, KeptModel>,
) {
    if kept.is_empty() {
        return;
    }
    let name = file.grid.rank_by.name();
    let columns = Columns::of(outcome.results.iter().map(|result| &result.trial));
    let width = kept.keys().map(|family| family.name().len()).max().unwrap_or(0);
    for best in best_of_families(&outcome.results, &columns, rank_by) {
        let pace = kept.get(&best.family()).and_then(|kept| kept.predict_seconds);
        let shown = [
            Some(score(&best, (&name, rank_by))),
            best.seconds().map(training),
            pace.map(predicting),
        ];
        let shown: Vec<String> = shown.into_iter().flatten().collect();
        say!("family  {:width$}  {}", best.family().name(), shown.join(", "));
    }
}

/// `valid_macro_f1 0.7123 ± 0.0211 (trials 4, 5)`.
fn score(best: &Configuration<'_>, (name, rank_by): (&str, Score)) -> String {
    let scores = best.scores();
    let [mean, deviation] =
        [PartScores::mean, PartScores::deviation].map(|of| by_part(&scores, of)[1].score(rank_by));
    let spread = if scores.len() > 1 { format!(" ± {deviation:.4}") } else { String::new() };
    let trials: Vec<String> =
        best.results().map(|result| result.trial.number.to_string()).collect();
    let noun = if trials.len() == 1 { "trial" } else { "trials" };
    format!("{name} {mean:.4}{spread} ({noun} {})", trials.join(", "))
}

fn training(seconds: f64) -> String {
    format!("{} a training", duration(seconds))
}

fn predicting(seconds: f64) -> String {
    format!("1,000 rows predicted in {}", duration(seconds))
}
