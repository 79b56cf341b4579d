//! Turns what the JSON reader says into an error that says what to write.

use std::path::Path;

use serde::de::IgnoredAny;
use serde_json::error::Category;

use super::SpecError;
use super::steps::example;

/// A word longer than this, in bytes, is not compared with the names: it takes seconds a megabyte.
const LONGEST_WORD: usize = 200;

/// What other tools call some of our names.
const ELSEWHERE: [(&str, &str); 14] = [
    ("mode", "most_frequent"),
    ("ffill", "forward"),
    ("bfill", "backward"),
    ("impute", "fill"),
    ("shift", "lag"),
    ("get_dummies", "one_hot"),
    ("normalize", "scale"),
    ("zscore", "standard"),
    ("f1", "valid_macro_f1"),
    ("recall", "valid_macro_recall"),
    ("precision", "valid_macro_precision"),
    ("roc_auc", "valid_roc_auc_ovr"),
    ("average_precision", "valid_pr_auc_ovr"),
    ("neg_log_loss", "valid_log_loss"),
];

/// The candidate that `word` was most likely meant to be, if any is near, or the only one that
/// holds it.
pub(super) fn nearest<'a>(
    word: &str,
    candidates: impl Iterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    if word.len() > LONGEST_WORD || word.is_empty() {
        return None;
    }
    let meant = ELSEWHERE.iter().find(|(elsewhere, _)| *elsewhere == word);
    if let Some(name) = meant.and_then(|(_, name)| candidates.clone().find(|one| one == name)) {
        return Some(name);
    }
    let mut holding = candidates.clone().filter(|candidate| candidate.contains(word));
    let likeness = |candidate: &str| {
        strsim::normalized_damerau_levenshtein(&word.to_lowercase(), &candidate.to_lowercase())
    };
    candidates
        .map(|candidate| (likeness(candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.4)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
        .or_else(|| holding.next().filter(|_| holding.next().is_none()))
}

/// The error of a grid file that did not parse; `key` is the path to the value, such as
/// `grid.learning_rate[2]`, or `.` for the file itself.
pub(super) fn wrong(
    (path, text): (&Path, &str),
    key: &str,
    error: &serde_json::Error,
) -> SpecError {
    let said = error.to_string();
    let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
    let is_json = || serde_json::from_str::<IgnoredAny>(text).is_ok();
    if error.classify() == Category::Data || is_json() {
        return SpecError::at(path, text, key.trim_end_matches('?'), explain(key, said));
    }
    let problem = said
        .replace("key must be a string", "a key in quotes must stand here (JSON has no comments)");
    let problem = if matches!(key, "." | "?") { problem } else { format!("{key}: {problem}") };
    let place = |number: usize| number.max(1);
    let (line, column) = (place(error.line()), place(error.column()));
    SpecError::Wrong { path: path.to_owned(), line, column, problem }
}

/// Adds the key, the nearest valid name where a name is not known, and how a step is written.
fn explain(key: &str, text: &str) -> String {
    let quoted: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
    let (unknown, expected) = match quoted.split_first() {
        Some((unknown, expected)) => (*unknown, expected),
        None => ("", &[][..]),
    };
    let list = expected.join(", ");
    let near = nearest(unknown, expected.iter().copied());
    let hint = near.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
    let step = step_of(key);
    let write = step.and_then(|(_, name)| example(name.or(near)?));
    let write = write.map(|example| format!("; write it as {example}")).unwrap_or_default();
    if text.starts_with("unknown field") {
        // The path ends with the unknown key itself.
        let parent = key.strip_suffix(unknown).unwrap_or(key).trim_end_matches('.');
        let place = if parent.is_empty() { "the grid file" } else { parent };
        format!("`{unknown}` is not a key of {place}{hint} (keys: {list}){write}")
    } else if text.starts_with("unknown variant") {
        let write = match step {
            Some((_, Some(_))) => String::new(),
            _ if key == "data.source" || key.starts_with("data.tables.") => {
                format!("; write it as {{\"file\": \"{unknown}\"}}")
            }
            _ => write,
        };
        format!("{key}: `{unknown}` is not known{hint} (choose from: {list}){write}")
    } else if key.contains("rank_by") && text.starts_with("invalid type") {
        format!(
            "{key}: a score of all classes is a name, such as \"valid_macro_f1\"; one of a single class \
             takes that, such as {{\"valid_recall\": \"broken\"}}; a cost takes what mistakes cost, such as \
             {{\"valid_cost\": {{\"normal\": \"fine\", \"miss\": 50, \"false_alarm\": 1}}}}"
        )
    } else if let (Some((step, None)), "expected value") = (step, text) {
        format!(
            "{step}: a step is one name with its settings, such as {{\"one_hot\": {{}}}}; put each \
             step in braces of its own"
        )
    } else if matches!(key, "." | "?") {
        in_json_words(text)
    } else {
        // A step's own types say themselves what to write.
        let shape = ["invalid type", "missing field", "expected value", "duplicate field"];
        let write =
            if shape.iter().any(|words| text.starts_with(words)) { write } else { String::new() };
        format!("{key}: {}{write}", in_json_words(text))
    }
}

/// The step that a key lies in, such as `steps[3]`, and its name where the key holds it.
fn step_of(key: &str) -> Option<(&str, Option<&str>)> {
    let list = if key.starts_with("steps[") { 0 } else { key.find(".steps[")? + 1 };
    let end = list + key.get(list..)?.find(']')? + 1;
    let (step, rest) = key.split_at_checked(end)?;
    let name = rest.strip_prefix('.').map(|rest| rest.split(['.', '[']).next().unwrap_or(rest));
    Some((step, name))
}

/// Says what the JSON reader says of Rust's types as a user of JSON would.
fn in_json_words(text: &str) -> String {
    if text == "expected value" {
        return "it must be a name in quotes, or an object of one key".to_owned();
    }
    if let Some(field) = text.strip_prefix("missing field ") {
        return format!("the key {field} is missing");
    }
    let Some((found, expected)) = text.split_once(", expected ") else { return text.to_owned() };
    let found = match found.replace("invalid type: ", "").as_str() {
        "map" => "an object { … }".to_owned(),
        "sequence" => "a list [ … ]".to_owned(),
        "unit variant" => "a name alone".to_owned(),
        found => found.to_owned(),
    };
    let value = found
        .strip_prefix("string ")
        .or_else(|| found.split('`').nth(1))
        .filter(|value| value.len() <= LONGEST_WORD);
    match (expected, value) {
        ("a sequence", Some(value)) => format!("it must be a list, such as [{value}]"),
        ("a sequence", None) => format!("it must be a list [ … ], not {found}"),
        ("u64" | "u32", _) => format!("it must be a whole number of 0 or more, not {found}"),
        ("f64", _) => format!("it must be a number, not {found}"),
        ("a string", _) => format!("it must be a text in quotes, not {found}"),
        ("a boolean", _) => format!("it must be true or false, not {found}"),
        ("a map" | "newtype variant", _) => format!("it must be an object {{ … }}, not {found}"),
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
    fn names_of_other_tools_and_parts_of_ours_are_understood() {
        let found = |word: &str, names: &[&'static str]| nearest(word, names.iter().copied());
        assert_eq!(found("mode", &["mean", "median", "most_frequent"]), Some("most_frequent"));
        assert_eq!(found("f1", &["valid_loss", "valid_macro_f1"]), Some("valid_macro_f1"));
        assert_eq!(found("zz", &["valid_loss", "valid_macro_f1"]), None);
        assert_eq!(found("", &["fill"]), None);
    }

    #[test]
    fn a_step_of_the_wrong_shape_is_refused_with_the_right_one() {
        let message =
            explain("steps[2].fill", "invalid type: string \"median\", expected struct Fill");
        assert!(message.starts_with("steps[2].fill: it must be an object { … }, not string"));
        assert!(message.contains("; write it as {\"fill\": {\"with\": \"median\"}}"), "{message}");
        for key in ["steps[0]", "variants.smote.steps[0]"] {
            let message = explain(key, "expected value");
            assert!(message.starts_with(&format!("{key}: a step is one name")), "{message}");
        }
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
