//! Files that are no LightGBM.

use std::path::{Path, PathBuf};

use crate::boosting::Library;
use crate::shared_library::LibraryError;

/// A shared library that every process has open, by the beginning of its name.
fn loaded(name: &str) -> PathBuf {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let mut paths = maps.lines().filter_map(|line| line.split_once('/'));
    let has_name = |path: &str| path.rsplit('/').next().is_some_and(|file| file.starts_with(name));
    let (_, path) = paths.find(|(_, path)| has_name(path)).unwrap();
    Path::new("/").join(path)
}

#[test]
fn a_library_that_is_missing_is_named() {
    let path = Path::new("no/such/lib_lightgbm.so");
    let error = Library::open(path).unwrap_err();
    assert!(matches!(error, LibraryError::Missing { .. }));
    assert!(error.to_string().starts_with("no/such/lib_lightgbm.so: no such file"), "{error}");
}

#[test]
fn a_file_that_is_no_library_is_named() {
    for path in ["Cargo.toml", "src"] {
        let error = Library::open(Path::new(path)).unwrap_err();
        assert!(matches!(error, LibraryError::NotALibrary { .. }));
        assert!(error.to_string().starts_with(path), "{error}");
    }
}

#[test]
fn another_library_is_refused_by_name() {
    let path = loaded("libc.");
    let error = Library::open(&path).unwrap_err();
    let wanted = format!("{}: is not LightGBM's library: it has no LGBM_", path.display());
    assert!(matches!(error, LibraryError::Symbol { .. }));
    assert!(error.to_string().starts_with(&wanted), "{error}");
}

#[test]
fn the_version_of_the_package_is_known() {
    let Some(library) = super::library() else { return };
    assert!(library.version().starts_with("4.7"), "{}", library.version());
}

#[test]
fn a_library_outside_its_package_is_known_by_its_parameters() {
    let Some(path) = super::library_path() else { return };
    let folder = std::env::temp_dir().join(format!("forewarn-lightgbm-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("lib")).unwrap();
    let copy = folder.join("lib/lib_lightgbm.so");
    std::fs::copy(path, &copy).unwrap();
    let alone = Library::open(&copy).map(|library| library.version().to_owned());
    std::fs::write(folder.join("VERSION.txt"), "4.6.0\n").unwrap();
    let other = Library::open(&copy).unwrap_err();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(alone.unwrap(), "4.7");
    assert!(matches!(other, LibraryError::Version { .. }));
    assert!(other.to_string().contains("is LightGBM 4.6.0"), "{other}");
}
