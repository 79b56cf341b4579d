//! Where LightGBM's library lies.

use std::sync::OnceLock;

use super::learner::FitError;
use super::library_place::library_place;
use crate::boosting::Library;

/// Names the library, before all other places.
const VARIABLE: &str = "FOREWARN_LIGHTGBM";

/// Where it lies in the folder of Python's packages.
const IN_PACKAGES: &str = "lightgbm/lib/lib_lightgbm.so";

/// LightGBM, loaded once: the file that the environment variable `FOREWARN_LIGHTGBM` names, or else that
/// of the Python package beside the libtorch that forewarn was built with.
///
/// # Errors
/// [`FitError::Library`] says where it was looked for, and how to get it.
pub fn lightgbm() -> Result<&'static Library, FitError> {
    static LOADED: OnceLock<Result<Library, String>> = OnceLock::new();
    let loaded = LOADED.get_or_init(|| {
        let path = library_place(VARIABLE, IN_PACKAGES);
        Library::open(&path).map_err(|error| {
            format!(
                "gradient_boosting needs the library of LightGBM: {error}; `make libtorch` fetches it, or \
                 {VARIABLE} names it (lib/lib_lightgbm.so of the Python package lightgbm)"
            )
        })
    });
    loaded.as_ref().map_err(|reason| FitError::Library(reason.clone()))
}
