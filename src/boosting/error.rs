//! What can go wrong with LightGBM's library.

use std::path::PathBuf;

use super::version::SUPPORTED;

/// Why a library cannot be used. Each message names the file.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // the fields are what the messages name
pub enum LibraryError {
    /// No such file.
    #[error("{path}: no such file; LightGBM's library comes with `pip install lightgbm==4.7.0`")]
    Missing { path: PathBuf },
    /// The operating system cannot load it.
    #[error("{path}: cannot be loaded as a library ({reason})")]
    NotALibrary { path: PathBuf, reason: String },
    /// Some other library, or a very old LightGBM.
    #[error("{path}: is not LightGBM's library: it has no {symbol}")]
    Symbol { path: PathBuf, symbol: &'static str },
    /// LightGBM, with other parameters and other trees.
    #[error("{path}: is LightGBM {found}; {SUPPORTED} is needed: `pip install lightgbm==4.7.0`")]
    Version { path: PathBuf, found: String },
}

/// What LightGBM says went wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("LightGBM: {0}")]
pub struct CallError(pub String);
