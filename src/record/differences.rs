//! Whether two runs have the same fingerprint.

use std::path::Path;

use serde_json::Value;

use super::JournalError;

/// How many differences a message names.
const NAMED: usize = 3;

/// Compares what a journal's run was made of with what this one is made of.
pub(super) fn check(path: &Path, then: &Value, now: &Value) -> Result<(), JournalError> {
    let mut found = Vec::new();
    compare("", then, now, &mut found);
    if found.is_empty() {
        return Ok(());
    }
    // How packs are cut follows from the rest, but for --memory.
    if found.len() > 1 {
        found.retain(|difference| !difference.starts_with("packs "));
    }
    let more = found.len().saturating_sub(NAMED);
    found.truncate(NAMED);
    if more > 0 {
        found.push(format!("and {more} more"));
    }
    let differences = found.join("; ");
    Err(JournalError::OtherRun { path: path.to_owned(), differences })
}

/// Goes down where both are objects: `grid.epochs was [10], is [20] now`.
fn compare(name: &str, then: &Value, now: &Value, found: &mut Vec<String>) {
    if let (Value::Object(then), Value::Object(now)) = (then, now) {
        let added = now.keys().filter(|key| !then.contains_key(*key));
        for key in then.keys().chain(added) {
            let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
            let value = |object: &serde_json::Map<String, Value>| object.get(key).cloned();
            let (then, now) = (value(then), value(now));
            compare(&name, &then.unwrap_or_default(), &now.unwrap_or_default(), found);
        }
    } else if then != now {
        found.push(format!("{name} was {}, is {} now", shown(then), shown(now)));
    }
}

fn shown(value: &Value) -> String {
    const MOST: usize = 80;
    let text = if value.is_null() { "absent".to_owned() } else { value.to_string() };
    if text.chars().count() <= MOST {
        return text;
    }
    format!("{}…", text.chars().take(MOST).collect::<String>())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn every_difference_is_named_by_its_key() {
        let then = json!({"seed": 1, "grid": {"epochs": [10], "dropout": [0], "old": 1}});
        let now = json!({"seed": 1, "grid": {"epochs": [20], "dropout": [0], "new": 2}});
        let message = check(Path::new("j"), &then, &now).unwrap_err().to_string();
        for part in
            ["grid.epochs was [10], is [20] now", "grid.old was 1, is absent now", "grid.new"]
        {
            assert!(message.contains(part), "{message}");
        }
        assert!(check(Path::new("j"), &then, &then).is_ok());
    }
}
