//! Files that are either whole or absent.

use std::io::Write;
use std::path::Path;

use super::error::ReportError;

/// Writes `text` to `path` so that a reader sees the old file or the new one, never a part.
///
/// # Errors
/// [`ReportError::Write`] when the folder cannot be made or the file cannot be put in place.
pub(super) fn write_atomically(path: &Path, text: &str) -> Result<(), ReportError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(ReportError::writing(path))?;
    let mut draft = draft_in(folder).map_err(ReportError::writing(path))?;
    draft
        .write_all(text.as_bytes())
        .and_then(|()| draft.as_file().sync_all())
        .map_err(ReportError::writing(path))?;
    draft.persist(path).map_err(|failure| ReportError::writing(path)(failure.error))?;
    Ok(())
}

/// Opens the draft with the rights of an ordinary new file: a report is made to be shared.
#[cfg(unix)]
fn draft_in(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    let rights = std::fs::Permissions::from_mode(0o666);
    tempfile::Builder::new().permissions(rights).tempfile_in(folder)
}

#[cfg(not(unix))]
fn draft_in(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    tempfile::NamedTempFile::new_in(folder)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp)]
    use super::*;

    #[test]
    fn a_second_write_replaces_the_file_and_leaves_no_draft() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plots/a.svg");
        write_atomically(&path, "one").unwrap();
        write_atomically(&path, "two").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }
}
