//! Files that are no XGBoost.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shared_library::LibraryError;
use crate::xgboost::Library;

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
    let path = Path::new("no/such/libxgboost.so");
    let error = Library::open(path).unwrap_err();
    assert!(matches!(error, LibraryError::Missing { .. }));
    assert!(error.to_string().starts_with("no/such/libxgboost.so: no such file"), "{error}");
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
    let wanted = format!("{}: is not XGBoost's library: it has no XGB", path.display());
    assert!(matches!(error, LibraryError::Symbol { .. }));
    assert!(error.to_string().starts_with(&wanted), "{error}");
}

#[test]
fn another_version_is_refused_by_its_number() {
    let folder = std::env::temp_dir().join(format!("forewarn-xgboost-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    // All that is asked for before the version is known: the names.
    let names = include_str!("../library.rs").split('"').filter(|word| {
        word.starts_with("XG") && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    let names = names.filter(|name| *name != "XGBoostVersion");
    let functions: Vec<String> = names
        .map(|name| {
            format!(
                "int {name}(void) {{ return -1; }}
"
            )
        })
        .collect();
    let functions = functions.concat();
    let version = "void XGBoostVersion(int *a, int *b, int *c) { *a = 3; *b = 2; *c = 7; }\n";
    std::fs::write(folder.join("other.c"), format!("{functions}{version}")).unwrap();
    let compiled = Command::new("cc")
        .current_dir(&folder)
        .args(["-shared", "-fPIC", "-o", "other.so", "other.c"])
        .status();
    assert!(compiled.unwrap().success());
    let error = Library::open(&folder.join("other.so")).unwrap_err();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(matches!(error, LibraryError::Version { .. }));
    assert!(error.to_string().contains("is XGBoost 3.2.7; 3.4 is needed"), "{error}");
}

#[test]
fn the_version_of_the_package_is_known() {
    let Some(library) = super::library() else { return };
    assert!(library.version().starts_with("3.4."), "{}", library.version());
}
