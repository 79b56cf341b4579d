//! Turns what the JSON reader says into an error that says what to write.

use std::path::Path;

use super::SpecError;

/// A word longer than this, in bytes, is not compared with the names: it takes seconds a megabyte.
const LONGEST_WORD: usize = 200;

/// The candidate that `word` was most likely meant to be, if any is near.
fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > LONGEST_WORD {
        return None;
    }
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
    } else if key == "." || key == "?" {
        text.replace(
            "key must be a string",
            "a key in quotes must stand here (JSON has no comments)",
        )
    } else {
        format!("{key}: {}", in_json_words(text))
    }
}

/// Says a Rust type as a user of JSON would.
fn in_json_words(text: &str) -> String {
    let Some((found, expected)) = text.split_once(", expected ") else { return text.to_owned() };
    let found = found.replace("invalid type: ", "");
    let value = found.split('`').nth(1);
    match (expected, value) {
        ("a sequence", Some(value)) => format!("it must be a list, such as [{value}]"),
        ("a sequence", None) => format!("it must be a list [ … ], not {found}"),
        ("u64" | "u32", _) => format!("it must be a whole number of 0 or more, not {found}"),
        ("f64", _) => format!("it must be a number, not {found}"),
        _ if expected.starts_with("struct") => format!("it must be an object {{ … }}, not {found}"),
        _ => text.to_owned(),
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
        assert_eq!(nearest(&"epochs".repeat(1_000_000), keys.into_iter()), None);
    }

    #[test]
    fn a_wrong_type_is_said_in_the_words_of_json() {
        let message = explain("grid.epochs", "invalid type: integer `5`, expected a sequence");
        assert_eq!(message, "grid.epochs: it must be a list, such as [5]");
        let message = explain("split", "invalid type: integer `5`, expected struct Folds");
        assert_eq!(message, "split: it must be an object { … }, not integer `5`");
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
