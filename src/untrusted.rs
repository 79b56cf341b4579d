//! Files of a run's folder that somebody else may have made.
//!
//! A folder that is handed on may hold links to places outside it, pipes, and files without end. A
//! run writes none of these: they are refused by name, before they are opened.

use std::fs;
use std::io::{self, Error, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// The most bytes of a JSON file that a run writes.
pub const MOST_JSON: u64 = 16 << 20;

/// The longest line of a CSV file that a run writes, in bytes.
const LONGEST_LINE: usize = 1 << 20;

/// The place of a file of the folder `root` that is to be read: a regular file within the folder, of
/// `most` bytes at most. A file that does not exist is left to its reader.
///
/// # Errors
/// Names the link that leads out of the folder, or what the file is instead.
pub fn readable(root: &Path, name: &str, most: u64) -> io::Result<PathBuf> {
    let path = root.join(name);
    stays_inside(root, &path)?;
    if let Ok(data) = fs::metadata(&path) {
        if !data.is_file() {
            return Err(Error::other(
                "it is not a regular file, as every file of a run is: get the run again",
            ));
        }
        if data.len() > most {
            let bytes = data.len();
            let text = format!("it is {bytes} bytes long, and a run's is {most} at most");
            return Err(Error::other(format!("{text}: get the run again")));
        }
    }
    Ok(path)
}

/// The place of a file or folder within the folder `root` that is to be written: nothing yet, a
/// regular file, or a folder.
///
/// # Errors
/// As [`readable`].
pub fn writable(root: &Path, name: &str) -> io::Result<PathBuf> {
    let path = root.join(name);
    stays_inside(root, &path)?;
    match fs::metadata(&path) {
        Ok(data) if !data.is_file() && !data.is_dir() => {
            Err(Error::other("it is not a regular file: remove it"))
        }
        _ => Ok(path),
    }
}

/// Refuses a path whose links lead out of `root`, or nowhere; `root` itself may be a link.
fn stays_inside(root: &Path, path: &Path) -> io::Result<()> {
    // Nothing there at all: its reader says so, and its writer makes it.
    let Ok(real_root) = fs::canonicalize(root) else { return Ok(()) };
    let below = path.strip_prefix(root).unwrap_or(path);
    let mut place = root.to_owned();
    for part in below.components() {
        place.push(part);
        if !place.is_symlink() {
            continue;
        }
        let inside = fs::canonicalize(&place).is_ok_and(|real| real.starts_with(&real_root));
        if !inside {
            let (link, root) = (place.display(), root.display());
            let text = format!(
                "{link} is a link that leads out of {root}: put what it leads to in its place"
            );
            return Err(Error::other(text));
        }
    }
    Ok(())
}

/// Passes a CSV file on, and refuses a line without end: the parser would keep all of it.
#[derive(Debug)]
pub struct Lines<R> {
    file: R,
    /// Bytes since the last line end.
    length: usize,
}

impl<R: Read> Lines<R> {
    /// Reads from `file`.
    pub fn new(file: R) -> Self {
        Self { file, length: 0 }
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        match buffer[..count].iter().rposition(|&byte| byte == b'\n') {
            Some(end) => self.length = count - end - 1,
            None => self.length += count,
        }
        if self.length > LONGEST_LINE {
            let text = format!("a line is longer than {LONGEST_LINE} bytes");
            return Err(Error::new(ErrorKind::InvalidData, text));
        }
        Ok(count)
    }
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::os::unix::fs::symlink;

    use super::*;

    /// A folder `run` with a file, beside a file and a folder outside it.
    fn folders() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("run");
        fs::create_dir_all(folder.path().join("outside")).unwrap();
        fs::create_dir(&run).unwrap();
        fs::write(run.join("a"), "1234").unwrap();
        fs::write(folder.path().join("outside/a"), "1234").unwrap();
        (folder, run)
    }

    #[test]
    fn a_file_and_a_link_within_the_folder_are_taken() {
        let (_folder, run) = folders();
        symlink("a", run.join("b")).unwrap();
        for name in ["a", "b"] {
            assert_eq!(readable(&run, name, 4).unwrap(), run.join(name));
            assert_eq!(writable(&run, name).unwrap(), run.join(name));
        }
        assert!(readable(&run, "none", 4).is_ok() && writable(&run, "none").is_ok());
    }

    #[test]
    fn the_folder_itself_may_be_a_link() {
        let (folder, run) = folders();
        let link = folder.path().join("link");
        symlink(&run, &link).unwrap();
        assert!(readable(&link, "a", 4).is_ok() && writable(&link, "a").is_ok());
    }

    #[test]
    fn a_link_that_leads_out_or_nowhere_is_named() {
        let (_folder, run) = folders();
        symlink("../outside", run.join("plots")).unwrap();
        symlink("../outside/a", run.join("file")).unwrap();
        symlink("../outside/new", run.join("dangling")).unwrap();
        for (name, link) in [("plots/a", "plots"), ("file", "file"), ("dangling", "dangling")] {
            for refused in [readable(&run, name, 4), writable(&run, name)] {
                let message = refused.unwrap_err().to_string();
                let start = format!("{} is a link that leads out", run.join(link).display());
                assert!(message.starts_with(&start), "{message}");
            }
        }
    }

    #[test]
    fn devices_and_long_files_are_refused() {
        let (_folder, run) = folders();
        assert!(readable(&run, "a", 3).unwrap_err().to_string().contains("4 bytes"));
        assert!(readable(Path::new("/dev"), "zero", 4).is_err());
        assert!(writable(Path::new("/dev"), "null").is_err());
    }

    #[test]
    fn a_line_without_end_is_refused_and_many_lines_are_not() {
        let mut many = Lines::new(io::repeat(b'\n').take(3 << 20));
        assert_eq!(io::copy(&mut many, &mut io::sink()).unwrap(), 3 << 20);
        let mut endless = Lines::new(io::repeat(0));
        assert!(io::copy(&mut endless, &mut io::sink()).is_err());
    }
}
