//! Tells the linker where libtorch lies, so that the binary finds it from any directory, and
//! records libtorch's version and the git commit for run.json. Nothing else.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let head = Path::new(".git/logs/HEAD");
    if head.exists() {
        println!("cargo:rerun-if-changed={}", head.display());
    }
    // torch-sys passes its library folder on to crates that name it among their dependencies.
    let folder = std::env::var("DEP_TCH_LIBTORCH_LIB").unwrap_or_default();
    if let Ok(folder) = std::fs::canonicalize(&folder) {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{}", folder.display());
    }
    // Python's packages beside it hold the other libraries that are loaded at run time.
    let real = std::fs::canonicalize(&folder).unwrap_or_default();
    println!("cargo:rustc-env=FOREWARN_LIBTORCH_FOLDER={}", real.display());
    let version = version(Path::new(&folder)).unwrap_or_else(|| "unknown".to_owned());
    println!("cargo:rustc-env=FOREWARN_LIBTORCH={version}");
    println!("cargo:rustc-env=FOREWARN_GIT_COMMIT={}", commit().unwrap_or_default());
}

/// The version of the libtorch whose libraries lie in `folder`: PyTorch's packages keep it in
/// `version.py`, libtorch's own archives in `build-version`.
fn version(folder: &Path) -> Option<String> {
    let root = folder.parent()?;
    if let Ok(text) = std::fs::read_to_string(root.join("build-version")) {
        return Some(text.trim().to_owned());
    }
    let text = std::fs::read_to_string(root.join("version.py")).ok()?;
    let line = text.lines().find(|line| line.starts_with("__version__"))?;
    line.split('\'').nth(1).map(str::to_owned)
}

/// The commit that is built, or nothing outside a git checkout.
fn commit() -> Option<String> {
    let output = Command::new("git").args(["rev-parse", "--short=12", "HEAD"]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
