//! Files that appear whole or not at all.

use std::io::{BufWriter, Write};
use std::path::Path;

use super::RecordError;

/// Writes a file beside its place and moves it there once it is complete and on the disk.
///
/// # Errors
/// [`RecordError::Write`] names the file; what stood at its place stays.
pub fn write_atomically(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), RecordError> {
    let attempt = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut file = tempfile::Builder::new()
            .prefix(".forewarn-")
            .suffix(".part")
            .tempfile_in(folder.unwrap_or(Path::new(".")))?;
        let mut buffer = BufWriter::new(file.as_file_mut());
        write(&mut buffer)?;
        buffer.flush()?;
        drop(buffer);
        readable_by_all(file.as_file())?;
        file.as_file().sync_all()?;
        file.persist(path).map(|_| ()).map_err(|error| error.error)
    };
    attempt().map_err(RecordError::at(path))
}

/// Temporary files are made for the user alone; outputs are files like any other.
#[cfg(unix)]
fn readable_by_all(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_all(_file: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}
