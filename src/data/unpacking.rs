//! Packed files, and how far they may unpack: a small file could fill the memory.

use std::io::{self, Cursor, Read};
use std::thread;

use flate2::read::MultiGzDecoder;
use zip::ZipArchive;

use super::error::DataError;

/// However small a file is, it may unpack to this many bytes.
const LEAST: u64 = 512 << 20;

/// However large a file is, it may unpack to no more.
const MOST: u64 = 64 << 30;

/// Tables unpack to some ten times their size, repetitive ones to fifty.
const MOST_TIMES: u64 = 100;

/// How many bytes a file of `packed` bytes may unpack to.
pub(super) fn most_unpacked(packed: usize) -> u64 {
    (packed as u64).saturating_mul(MOST_TIMES).clamp(LEAST, MOST)
}

/// Refuses to take `most` bytes from a file of a kind.
pub(super) fn bomb(path: &str, kind: &'static str, most: u64) -> DataError {
    DataError::Bomb { path: path.to_owned(), kind, most: most >> 20 }
}

/// Unpacks gzip.
pub(super) fn gunzip(path: &str, packed: &[u8]) -> Result<Vec<u8>, DataError> {
    const KIND: &str = "gzip file";
    let most = most_unpacked(packed.len());
    let mut bytes = Vec::new();
    let read = MultiGzDecoder::new(packed).take(most + 1).read_to_end(&mut bytes);
    read.map_err(|error| damaged(path, KIND, error.to_string()))?;
    if bytes.len() as u64 > most {
        return Err(bomb(path, KIND, most));
    }
    Ok(bytes)
}

/// Unpacks a zip archive to nowhere, to see that it is whole and how large: its list of files may
/// say anything.
pub(super) fn check_archive(path: &str, kind: &'static str, bytes: &[u8]) -> Result<(), DataError> {
    let most = most_unpacked(bytes.len());
    let wrong = |error: String| damaged(path, kind, error);
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|error| wrong(error.to_string()))?;
    let mut left = most + 1;
    for index in 0..archive.len() {
        let file = archive.by_index(index).map_err(|error| wrong(error.to_string()))?;
        let unpacked = io::copy(&mut file.take(left), &mut io::sink());
        left -= unpacked.map_err(|error| wrong(error.to_string()))?;
        if left == 0 {
            return Err(bomb(path, kind, most));
        }
    }
    Ok(())
}

/// An error about a file whose bytes are wrong.
pub(super) fn damaged(path: &str, kind: &'static str, reason: String) -> DataError {
    DataError::Damaged { path: path.to_owned(), kind, reason }
}

/// Runs a reader that may panic on a damaged file.
pub(super) fn guarded<T: Send>(
    path: &str,
    kind: &'static str,
    read: impl FnOnce() -> Result<T, DataError> + Send,
) -> Result<T, DataError> {
    let joined = thread::scope(|scope| {
        let thread = thread::Builder::new().spawn_scoped(scope, read);
        thread.map(thread::ScopedJoinHandle::join)
    });
    match joined {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(damaged(path, kind, "no reader can make sense of it".to_owned())),
        Err(error) => Err(damaged(path, kind, error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    }

    #[test]
    fn members_that_follow_each_other_are_one_file() {
        let packed = [gzip(b"a,b\n"), gzip(b"1,2\n")].concat();
        assert_eq!(gunzip("x.gz", &packed).unwrap(), b"a,b\n1,2\n");
    }

    #[test]
    fn a_file_that_was_cut_off_anywhere_is_damaged() {
        let packed = gzip(b"a,b\n1,2\n3,4\n");
        for length in 1..packed.len() {
            let refused = gunzip("x.gz", &packed[..length]);
            assert!(matches!(refused, Err(DataError::Damaged { .. })), "{length}");
        }
    }

    #[test]
    fn the_limit_grows_with_the_file() {
        assert_eq!(most_unpacked(1000), LEAST);
        assert_eq!(most_unpacked(1 << 30), MOST);
        assert_eq!(most_unpacked(100 << 20), 10_000 << 20);
    }
}
