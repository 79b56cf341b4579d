//! How each step is written, for messages.

/// A step as the grid file writes it; nothing for a name that no step has.
pub(in crate::spec) fn example(name: &str) -> Option<&'static str> {
    let example = |text: &&&str| text.trim_start_matches("{\"").split('"').next() == Some(name);
    EXAMPLES.iter().find(example).copied()
}

const EXAMPLES: [&str; 23] = [
    r#"{"drop_columns": ["UDI"]}"#,
    r#"{"drop_duplicates": {}}"#,
    r#"{"drop_missing": {}}"#,
    r#"{"drop_rows": {"where": "rpm < 100"}}"#,
    r#"{"parse_dates": {"columns": ["time"], "format": "%m/%d/%y %H:%M"}}"#,
    r#"{"fill": {"with": "median"}}, or {"fill": {"with": {"constant": 0}}}"#,
    r#"{"clip": {"columns": ["x"], "lower": 0, "upper": 9}}"#,
    r#"{"iqr_outliers": {"factor": 1.5, "action": "clip"}}"#,
    r#"{"derive": {"power": "torque * speed"}}"#,
    r#"{"time_parts": {"parts": ["hour", "weekday"]}}"#,
    r#"{"rolling": {"columns": ["x"], "windows": ["3h", 5], "functions": ["mean", "std"]}}"#,
    r#"{"difference": {"columns": ["x"], "rows": [1]}}"#,
    r#"{"lag": {"columns": ["x"], "rows": [1, 2]}}"#,
    r#"{"resample": {"every": "1h", "numbers": "mean"}}"#,
    r#"{"join": {"table": "machines", "by": "group"}}"#,
    r#"{"count_events": {"table": "errors", "column": "errorID", "within": "24h"}}"#,
    r#"{"time_since": {"table": "maintenance", "column": "comp"}}"#,
    r#"{"label": {"table": "failures", "column": "failure", "within": "24h", "otherwise": "none"}}"#,
    r#"{"one_hot": {}}"#,
    r#"{"ordinal": {"orders": {"Type": ["L", "M", "H"]}}}"#,
    r#"{"bins": {"by": "target", "count": 8, "encode": "thresholds"}}"#,
    r#"{"scale": {"method": "standard"}}"#,
    r#"{"balance": {"smote": {"k_neighbors": 5, "sampling_strategy": "auto"}}}"#,
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::spec::Step;

    #[test]
    fn every_step_has_an_example_that_reads() {
        let unknown = serde_json::from_str::<Step>(r#"{"?": {}}"#).unwrap_err().to_string();
        let names: Vec<&str> = unknown.split('`').skip(3).step_by(2).collect();
        assert_eq!(names.len(), EXAMPLES.len());
        for name in names {
            for text in example(name).unwrap().split(", or ") {
                assert_eq!(serde_json::from_str::<Step>(text).unwrap().name(), name);
            }
        }
        assert_eq!(example("smooth"), None);
    }
}
