//! The families of a run, a line each: the best configuration, how far it is from the run's best, and its times.

use crate::commands::numbers::duration;
use crate::examples::Part;
use crate::report::{RunFamilies, RunFamily, Spread};

/// Prints the table of a run; differences are those on the rows of `judged`.
pub(super) fn print(run: &RunFamilies, judged: Part) {
    let Some(first) = run.families.first() else { return };
    say!(
        "\nfamilies of {}: the best configuration of each by {}, mean ± deviation over seeds and folds",
        run.run,
        run.rank_by
    );
    let apart = format!("{} less that of {}", judged.name(), first.family);
    let head = ["", "trial", "valid", "test", &apart, "training", "1,000 rows"].map(str::to_owned);
    let lines: Vec<[String; 7]> = std::iter::once(head)
        .chain(run.families.iter().map(|family| cells(family, run.ranked, judged)))
        .collect();
    let width = |place: usize| lines.iter().map(|line| line[place].chars().count()).max();
    for line in &lines {
        let padded = line.iter().enumerate().map(|(place, cell)| {
            let width = width(place).unwrap_or(0);
            format!("{cell:width$}")
        });
        say!("{}", padded.collect::<Vec<_>>().join("  ").trim_end());
    }
}

fn cells(family: &RunFamily, ranked: usize, judged: Part) -> [String; 7] {
    let difference = match judged {
        Part::Test => &family.test_difference,
        _ => &family.valid_difference,
    };
    [
        family.family.clone(),
        family.trial.map(|trial| trial.to_string()).unwrap_or_default(),
        spread(family.valid.get(ranked)),
        spread(family.test.get(ranked)),
        difference.as_ref().map(|found| found.text.clone()).unwrap_or_default(),
        family.seconds.map(duration).unwrap_or_default(),
        family.predict_seconds.map(duration).unwrap_or_default(),
    ]
}

fn spread(found: Option<&Spread>) -> String {
    match found {
        Some(Spread { mean: Some(mean), std: Some(std) }) => format!("{mean:.4} ± {std:.4}"),
        Some(Spread { mean: Some(mean), std: None }) => format!("{mean:.4}"),
        _ => "-".to_owned(),
    }
}
