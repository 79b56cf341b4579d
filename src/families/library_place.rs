//! Where the library of a Python package lies.

use std::path::{Path, PathBuf};

/// The file that an environment variable names, or else that of the Python package beside the libtorch
/// that forewarn was built with; `in_packages` is its place in the folder of Python's packages.
pub(super) fn library_place(variable: &str, in_packages: &str) -> PathBuf {
    if let Some(named) = std::env::var_os(variable).filter(|named| !named.is_empty()) {
        return named.into();
    }
    let libtorch = Path::new(env!("FOREWARN_LIBTORCH_FOLDER"));
    libtorch.ancestors().nth(2).unwrap_or(libtorch).join(in_packages)
}
