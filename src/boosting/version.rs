//! Which LightGBM a library is.
//!
//! Its C interface does not tell the version, and neither does a model's text, which names the
//! format's alone (`v4` since 4.0). Two things do: the list of all parameters with their aliases,
//! which the library gives, and which grew with every minor version so far; and `VERSION.txt`, which
//! the Python package keeps in the folder above the library's. The first is the library's own word
//! and decides; the second names the version in an error, and may not disagree.

use std::fmt::Write as _;
use std::path::Path;

use sha2::{Digest, Sha256};

/// The versions whose trees, text and parameters this program knows.
pub(super) const SUPPORTED: &str = "4.7";

/// SHA-256 of the parameters of [`SUPPORTED`], see [`fingerprint`].
const PARAMETERS: &str = "d729cac4569126c26a136be3da7eaf3baf6247ef5871a69cbc8d302e6dbfaae9";

/// The version that the package says it is, where the library lies in one.
pub(super) fn named(library: &Path) -> Option<String> {
    let package = library.parent()?.parent()?;
    let text = std::fs::read_to_string(package.join("VERSION.txt")).ok()?;
    let version = text.trim();
    let is_version = version.starts_with(|first: char| first.is_ascii_digit());
    (is_version && version.len() < 32).then(|| version.to_owned())
}

/// Whether a version is one of [`SUPPORTED`].
pub(super) fn is_supported(version: &str) -> bool {
    version.strip_prefix(SUPPORTED).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether a library with these parameters is one of [`SUPPORTED`].
pub(super) fn has_known_parameters(aliases: &str) -> bool {
    fingerprint(aliases) == PARAMETERS
}

/// SHA-256 of the parameters and their aliases in alphabetical order: the library lists them in
/// that of a hash table.
fn fingerprint(aliases: &str) -> String {
    let line = |line| str::trim_start_matches(line, [' ', ',']).trim_end();
    let mut lines: Vec<&str> =
        aliases.lines().map(line).filter(|line| line.starts_with('"')).collect();
    lines.sort_unstable();
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(line);
        hash.update("\n");
    }
    hash.finalize().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_of_a_minor_version_are_supported_and_others_are_not() {
        for version in ["4.7", "4.7.0", "4.7.0.99"] {
            assert!(is_supported(version), "{version}");
        }
        for version in ["4.6.0", "4.70.0", "5.4.7", "14.7.0", "4.8.0", ""] {
            assert!(!is_supported(version), "{version}");
        }
    }

    #[test]
    fn the_order_of_the_parameters_does_not_matter_and_their_names_do() {
        let one = "{\n   \"a\": []\n   , \"b\": [\"c\"]\n}\n";
        let other = "{\n   \"b\": [\"c\"]\n   , \"a\": []\n}\n";
        assert_eq!(fingerprint(one), fingerprint(other));
        assert_ne!(fingerprint(one), fingerprint(&one.replace('c', "d")));
        assert!(!has_known_parameters(one));
    }
}
