//! Turns what the JSON reader says into an error that says what to write.

use std::path::Path;

use super::SpecError;

/// The candidate that `word` was most likely meant to be, if any is near.
fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |candidate: &str| {
        strsim::normalized_damerau_levenshtein(&word.to_lowercase(), &candidate.to_lowercase())
    };
    candidates
        .map(|candidate| (likeness(candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.4)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}

/// The error of a grid file that did not parse; `key` is the path to the value, such as
/// `grid.learning_rate[2]`, or `.` for the file itself.
pub(super) fn malformed(path: &Path, key: &str, error: &serde_json::Error) -> SpecError {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    let problem = explain(key, text);
    let place = |number: usize| number.max(1);
    SpecError::Malformed {
        path: path.to_owned(),
        line: place(error.line()),
        column: place(error.column()),
        problem,
    }
}

/// Adds the key, and the nearest valid name where a name is not known.
fn explain(key: &str, text: &str) -> String {
    let quoted: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
    let (unknown, expected) = match quoted.split_first() {
        Some((unknown, expected)) => (*unknown, expected),
        None => ("", &[][..]),
    };
    let list = expected.join(", ");
    let hint = nearest(unknown, expected.iter().copied())
        .map(|name| format!("; did you mean `{name}`?"))
        .unwrap_or_default();
    if text.starts_with("unknown field") {
        // The path ends with the unknown key itself.
        let parent = key.strip_suffix(unknown).unwrap_or(key).trim_end_matches('.');
        let place = if parent.is_empty() { "the grid file" } else { parent };
        format!("`{unknown}` is not a key of {place}{hint} (keys: {list})")
    } else if text.starts_with("unknown variant") {
        format!("{key}: `{unknown}` is not known{hint} (choose from: {list})")
    } else if key == "." {
        text.to_owned()
    } else {
        format!("{key}: {text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_finds_its_neighbour() {
        let keys = ["learning_rate", "optimizer", "epochs"];
        assert_eq!(nearest("learing_rate", keys.into_iter()), Some("learning_rate"));
        assert_eq!(nearest("Epoch", keys.into_iter()), Some("epochs"));
        assert_eq!(nearest("zzz", keys.into_iter()), None);
    }

    #[test]
    fn an_unknown_key_names_its_place_and_neighbour() {
        let text = "unknown field `learing_rate`, expected one of `learning_rate`, `epochs`";
        let message = explain("grid.learing_rate", text);
        assert_eq!(
            message,
            "`learing_rate` is not a key of grid; did you mean `learning_rate`? \
             (keys: learning_rate, epochs)"
        );
    }
}
