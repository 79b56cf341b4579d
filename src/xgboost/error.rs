//! What can go wrong with XGBoost's library.

use std::path::PathBuf;

/// The versions whose trees, file and parameters this program knows.
pub(super) const SUPPORTED: [u32; 2] = [3, 4];

/// Why a library cannot be used. Each message names the file.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // the fields are what the messages name
pub enum LibraryError {
    /// No such file.
    #[error("{path}: no such file; XGBoost's library comes with `pip install xgboost-cpu==3.4.1`")]
    Missing { path: PathBuf },
    /// The operating system cannot load it.
    #[error("{path}: cannot be loaded as a library ({reason})")]
    NotALibrary { path: PathBuf, reason: String },
    /// Some other library, or a very old XGBoost.
    #[error("{path}: is not XGBoost's library: it has no {symbol}")]
    Symbol { path: PathBuf, symbol: &'static str },
    /// XGBoost, with other trees.
    #[error("{path}: is XGBoost {found}; 3.4 is needed: `pip install xgboost-cpu==3.4.1`")]
    Version { path: PathBuf, found: String },
}

/// What XGBoost says went wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("XGBoost: {0}")]
pub struct CallError(pub String);

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
    fn an_error_is_told_without_its_time_and_its_stack_trace() {
        let text = "[04:19:52] /src/data.cc:1161: Check failed: valid: \nStack trace:\n  [bt] (0)";
        assert_eq!(gist(text), "/src/data.cc:1161: Check failed: valid");
        assert_eq!(gist(""), "");
    }
}
