//! XGBoost's errors as messages.

/// The first line of an error, without the time in front of it: the others are a stack trace.
pub(super) fn gist(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default().trim_end_matches([':', ' ']);
    let after_time = line.strip_prefix('[').and_then(|rest| rest.split_once("] "));
    after_time.map_or(line, |(_, rest)| rest).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_reported_without_its_time_and_its_stack_trace() {
        let text = "[04:19:52] /src/data.cc:1161: Check failed: valid: \nStack trace:\n  [bt] (0)";
        assert_eq!(gist(text), "/src/data.cc:1161: Check failed: valid");
        assert_eq!(gist(""), "");
    }
}
