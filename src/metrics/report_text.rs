//! The scores of a split as scikit-learn's `classification_report` prints them.

use std::fmt::Write as _;

use super::{Averages, SplitMetrics};

/// The last rows; their names, and the longest name of a class, say how wide the first column is.
const ACCURACY: &str = "accuracy";
const MACRO: &str = "macro avg";
const WEIGHTED: &str = "weighted avg";

/// The text that scikit-learn's `classification_report` gives, with two digits. Classes that no row has
/// and none is predicted as are left out, as there.
pub fn classification_report(metrics: &SplitMetrics) -> String {
    let names: Vec<String> = metrics.per_class.iter().map(|class| plain(&class.class)).collect();
    let is_there = |place: &usize| {
        let of_truth = metrics.confusion.get(*place).into_iter().flatten();
        let of_told = metrics.confusion.iter().filter_map(|row| row.get(*place));
        of_truth.chain(of_told).any(|&rows| rows > 0)
    };
    let places: Vec<usize> = (0..names.len()).filter(is_there).collect();
    let lengths = places.iter().map(|&place| names[place].chars().count());
    let width = lengths.chain([WEIGHTED.len()]).max().unwrap_or(0);
    let mut text = format!(
        "{:>width$}  {:>9} {:>9} {:>9} {:>9}\n\n",
        "", "precision", "recall", "f1-score", "support"
    );
    let mut line = |name: &str, [precision, recall, f1]: [f64; 3], support: u64| {
        let _ =
            writeln!(text, "{name:>width$}  {precision:>9.2} {recall:>9.2} {f1:>9.2} {support:>9}");
    };
    for &place in &places {
        let class = &metrics.per_class[place];
        line(&names[place], [class.precision, class.recall, class.f1], class.support);
    }
    let rows = metrics.rows as u64;
    let _ = writeln!(
        text,
        "\n{ACCURACY:>width$}  {:>9} {:>9} {:>9.2} {rows:>9}",
        "", "", metrics.accuracy
    );
    let means = [(MACRO, &metrics.macro_average), (WEIGHTED, &metrics.weighted_average)];
    for (name, Averages { precision, recall, f1, .. }) in means {
        let _ =
            writeln!(text, "{name:>width$}  {precision:>9.2} {recall:>9.2} {f1:>9.2} {rows:>9}");
    }
    text
}

/// A name without line breaks and the like, which would break the table.
fn plain(name: &str) -> String {
    let letter = |letter: char| {
        if letter.is_control() { letter.escape_default().to_string() } else { letter.to_string() }
    };
    name.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::metrics::Scored;

    /// The report of labels and of what is told of them.
    fn report(labels: &[u32], told: &[u32], names: &[&str]) -> String {
        let sure = |&class: &u32| {
            (0..names.len() as u32).map(move |one| f64::from(u8::from(one == class)))
        };
        let probabilities: Vec<f64> = told.iter().flat_map(sure).collect();
        let scored = Scored::new(labels, &probabilities, names.len()).unwrap();
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        classification_report(&SplitMetrics::compute(&scored, &names).unwrap())
    }

    /// By scikit-learn 1.9.1: `classification_report(labels, told, target_names=names,
    /// zero_division=0)`.
    #[test]
    fn the_text_is_scikit_learns() {
        let labels = [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2];
        let told = [0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 2, 0];
        let names = ["No Failure", "worn", "Heat Dissipation Failure"];
        assert_eq!(
            report(&labels, &told, &names),
            "                          precision    recall  f1-score   support\n\n              \
             No Failure       0.75      0.86      0.80         7\n                    worn       \
             0.67      0.67      0.67         3\nHeat Dissipation Failure       1.00      0.50      \
             0.67         2\n\n                accuracy                           0.75        12\n\
             \u{20}              macro avg       0.81      0.67      0.71        12\n            \
             weighted avg       0.77      0.75      0.74        12\n"
        );
        let labels = [0, 0, 0, 0, 0, 0, 0, 1, 1, 1];
        assert_eq!(
            report(&labels, &[0; 10], &["0", "1", "none has it"]),
            "              precision    recall  f1-score   support\n\n           0       0.70      \
             1.00      0.82         7\n           1       0.00      0.00      0.00         3\n\n    \
             accuracy                           0.70        10\n   macro avg       0.35      0.50      \
             0.41        10\nweighted avg       0.49      0.70      0.58        10\n"
        );
    }

    #[test]
    fn a_name_cannot_break_the_table() {
        let text = report(&[0, 1], &[0, 1], &["a\nb", "c"]);
        assert!(text.contains("a\\nb") && text.lines().count() == 8, "{text}");
    }
}
