//! Lengths of time, and windows of rows.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::Count;

/// A length of time, written `90s`, `2m`, `24h`, `7d`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Written", into = "String")]
#[schemars(with = "String")]
pub struct Span {
    text: String,
    milliseconds: i64,
}

/// What may stand where a length of time belongs.
#[derive(Deserialize)]
#[serde(untagged, expecting = "it must be a length of time, such as \"24h\"")]
enum Written {
    Text(String),
    Number(f64),
}

impl Span {
    /// How long it is.
    pub fn milliseconds(&self) -> i64 {
        self.milliseconds
    }
}

impl TryFrom<Written> for Span {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written::Text(text) => Self::try_from(text),
            Written::Number(number) => Self::try_from(number.to_string()),
        }
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.parse::<f64>().is_ok_and(|number| number > 0.0) {
            return Err(format!(
                "{text} is no length of time: write it with its unit, such as \"{text}h\" (or s, m, d)"
            ));
        }
        // A month is no length, and M would be one.
        let time = humantime::parse_duration(&text).ok().filter(|_| !text.contains('M'));
        let milliseconds = time.and_then(|time| i64::try_from(time.as_millis()).ok());
        // Far below where sums of times would overflow.
        match milliseconds.filter(|&length| length > 0 && length <= i64::MAX / 1_000_000) {
            Some(milliseconds) => Ok(Self { text: text.replace(' ', ""), milliseconds }),
            None => Err(format!("{text:?} is no length of time: write 90s, 2m, 24h or 7d")),
        }
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.text
    }
}

impl fmt::Display for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// How far a window reaches back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a window is a number of rows, or a time such as \"24h\"")]
pub enum Window {
    /// So many rows, the row itself among them.
    Rows(Count),
    /// Rows later than this before the row.
    Span(Span),
}

impl fmt::Display for Window {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows(rows) => write!(formatter, "{}", rows.get()),
            Self::Span(span) => write!(formatter, "{span}"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn spans_need_a_unit_and_a_length() {
        let length = |text: &str| Span::try_from(text.to_owned()).map(|span| span.milliseconds());
        assert_eq!(length("24h"), Ok(86_400_000));
        assert_eq!(length("1h 30m"), Ok(5_400_000));
        for text in ["24", "0h", "1M", "", "soon", "-1h", "500000000000y"] {
            assert!(length(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_number_is_offered_a_unit() {
        for json in ["24", "\"24\""] {
            let message = serde_json::from_str::<Span>(json).unwrap_err().to_string();
            assert!(message.contains("such as \"24h\""), "{message}");
        }
        for json in ["0", "-1", "[]", "null", "\"0\""] {
            assert!(serde_json::from_str::<Span>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_window_is_rows_or_a_time() {
        let window = |text: &str| serde_json::from_str::<Window>(text);
        assert_eq!(window("5").unwrap().to_string(), "5");
        assert_eq!(window("\"24h\"").unwrap().to_string(), "24h");
        assert!(window("0").is_err() && window("\"x\"").is_err() && window("[]").is_err());
    }
}
