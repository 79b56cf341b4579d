//! Where XGBoost's library lies.

use std::sync::OnceLock;

use super::learner::FitError;
use super::library_place::library_place;
use crate::xgboost::Library;

/// Names the library, before all other places.
const VARIABLE: &str = "FOREWARN_XGBOOST";

/// Where it lies in the folder of Python's packages.
const IN_PACKAGES: &str = "xgboost/lib/libxgboost.so";

/// XGBoost, loaded once: the file that the environment variable `FOREWARN_XGBOOST` names, or else that of
/// the Python package beside the libtorch that forewarn was built with.
///
/// # Errors
/// [`FitError::Library`] says where it was looked for, and how to get it.
pub fn xgboost() -> Result<&'static Library, FitError> {
    static LOADED: OnceLock<Result<Library, String>> = OnceLock::new();
    let loaded = LOADED.get_or_init(|| {
        let path = library_place(VARIABLE, IN_PACKAGES);
        Library::open(&path).map_err(|error| {
            format!(
                "xgboost needs the library of XGBoost: {error}; `make libtorch` fetches it, or {VARIABLE} \
                 names it (lib/libxgboost.so of the Python package xgboost, which needs the folder \
                 xgboost_cpu.libs beside the package)"
            )
        })
    });
    loaded.as_ref().map_err(|reason| FitError::Library(reason.clone()))
}
