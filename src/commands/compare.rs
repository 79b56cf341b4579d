//! `forewarn compare`: ways to train side by side, and which of their differences are more than noise.

use super::failure::{Exit, Failure};
use crate::cli::Compare;
use crate::examples::Part;
use crate::report::{Comparison, Difference, Side, SideName};

/// How the scores are called, in the order of [`crate::train::PartScores::NAMES`].
const TITLES: [&str; 5] = ["loss", "accuracy", "macro F1", "macro recall (sensitivity)", "MCC"];

pub(super) fn run(arguments: &Compare) -> Result<Exit, Failure> {
    let names: Vec<SideName> =
        arguments.sides.iter().map(|side| SideName::from(side.as_str())).collect();
    let comparison = Comparison::of(&names)?;
    let [first, others @ ..] = comparison.sides.as_slice() else { return Ok(Exit::Done) };
    if others.is_empty() {
        let text = format!(
            "{} has one variant: name a second run, or two of its trials as in {}:3 {}:7",
            first.name,
            names[0].run.display(),
            names[0].run.display()
        );
        return Err(Failure::new(Exit::Usage, text));
    }
    let width = comparison.sides.iter().map(|side| side.name.chars().count()).max().unwrap_or(0);
    say!("{:width$}  trials, and hyperparameters other than those of {}", "", first.name);
    for side in &comparison.sides {
        say!("{:width$}  {}", side.name, describe(side, first, &comparison.settings));
    }
    for (score, title) in TITLES.iter().enumerate() {
        say!("");
        say!(
            "{title}\n{:width$}  {:>8}{:>9}{:>9}{:>12}  test less that of {}",
            "",
            "train",
            "valid",
            "test",
            "train-test",
            first.name
        );
        for (place, side) in comparison.sides.iter().enumerate() {
            let [train, valid, test] = Part::ALL.map(|part| side.mean(part, score));
            let apart = match place {
                0 => None,
                _ => comparison.difference(side, Part::Test, score),
            };
            let apart = apart.map(|apart| format!("  {}", verdict(&apart))).unwrap_or_default();
            let gap = train - test;
            say!("{:width$}  {train:8.4}{valid:9.4}{test:9.4}{gap:+12.4}{apart}", side.name);
        }
    }
    say!("");
    for note in notes(&comparison) {
        say!("note: {note}");
    }
    Ok(Exit::Done)
}

/// A side's trials, and its values of the hyperparameters in which it differs from the first.
fn describe(side: &Side, first: &Side, settings: &[String]) -> String {
    let trials: Vec<String> = side.trials.iter().map(ToString::to_string).collect();
    let differ =
        settings.iter().filter(|name| side.settings.get(*name) != first.settings.get(*name));
    let differ = differ.map(|name| {
        let value = side.settings.get(name).map_or("-", String::as_str);
        format!("{name} {value}")
    });
    std::iter::once(trials.join(", ")).chain(differ).collect::<Vec<_>>().join("; ")
}

/// A difference with its interval, and whether it is larger than the noise.
fn verdict(apart: &Difference) -> String {
    let mean = apart.mean;
    match (apart.interval, apart.is_larger_than_noise()) {
        (Some([low, high]), Some(larger)) => {
            let word = if larger { "more than noise" } else { "within the noise" };
            format!("{mean:+.4} ({low:+.4} to {high:+.4}), {word}")
        }
        _ => format!("{mean:+.4}"),
    }
}

/// What the differences stand on.
fn notes(comparison: &Comparison) -> Vec<String> {
    if let Some(apart) = &comparison.apart {
        return vec![format!(
            "{apart}: nothing is compared pair by pair, the means alone are shown"
        )];
    }
    let pairs = comparison.sides.iter().skip(1).map(|side| comparison.pairs(side)).min();
    let on = match (pairs.unwrap_or(0), comparison.has_folds()) {
        (0, _) => {
            return vec![
                "the sides have no seed and fold in common: nothing is compared".to_owned(),
            ];
        }
        (1, _) => {
            return vec![
                "one training of each side tells of no noise: give the grid more seeds, or folds"
                    .to_owned(),
            ];
        }
        (pairs, true) => format!(
            "in brackets the 95 % interval over {pairs} pairs of equal seed and fold (Nadeau and Bengio's \
             corrected t-test: folds share rows)"
        ),
        (pairs, false) => format!(
            "in brackets the 95 % interval over {pairs} pairs of equal seed: it holds the noise of the first \
             weights and the order of the rows; what other rows would change only folds tell"
        ),
    };
    let chosen = format!(
        "each side is its best by {} on validation rows; test rows chose nothing",
        comparison.rank_by
    );
    vec![on, chosen]
}
