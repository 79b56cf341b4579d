//! Recognises files that are not CSV text by their bytes, whatever their names say.

use std::fmt;

/// A kind of file that is not text, told by its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// gzip, which is unpacked.
    Gzip,
    /// bzip2, xz or Zstandard.
    Compressed(&'static str),
    /// A zip archive that holds no spreadsheet.
    Zip,
    /// An Excel workbook as Excel 2007 and later write it.
    Workbook,
    /// Another workbook: `.xls`, `.xlsb`, `OpenDocument`.
    Spreadsheet,
    /// An Apache Parquet file.
    Parquet,
    /// A `SQLite` database.
    Sqlite,
    /// A PDF document.
    Pdf,
    /// A PNG, JPEG or GIF image.
    Image,
    /// A web page, often a login page saved in place of the file.
    WebPage,
    /// The small text file that Git LFS leaves where the data should be.
    LfsPointer,
}

const MAGIC: [(&[u8], FileKind); 12] = [
    (b"\x1f\x8b", FileKind::Gzip),
    (b"BZh", FileKind::Compressed("bzip2")),
    (b"\xfd7zXZ\0", FileKind::Compressed("xz")),
    (b"\x28\xb5\x2f\xfd", FileKind::Compressed("zstd")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileKind::Spreadsheet),
    (b"PAR1", FileKind::Parquet),
    (b"SQLite format 3\0", FileKind::Sqlite),
    (b"%PDF-", FileKind::Pdf),
    (b"\x89PNG", FileKind::Image),
    (b"\xff\xd8\xff", FileKind::Image),
    (b"GIF8", FileKind::Image),
    (b"version https://git-lfs", FileKind::LfsPointer),
];

/// How far from either end of a zip archive the names that mark a workbook are looked for; the list
/// of its files stands at its end.
const ZIP_WINDOW_BYTES: usize = 1 << 16;

impl FileKind {
    /// The kind whose signature `bytes` starts with; `None` for anything that may be CSV text.
    pub fn from_signature(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"PK\x03\x04") {
            return Some(zip_kind(bytes));
        }
        if is_web_page(bytes) {
            return Some(Self::WebPage);
        }
        // A header may well start with a short signature's letters ("BZh"), so those that are
        // letters only count where control bytes follow, which no CSV holds.
        let found = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic))?;
        let all_letters = found.0.len() <= 4 && found.0.iter().all(u8::is_ascii_alphanumeric);
        let window = bytes.get(..64).unwrap_or(bytes);
        let has_control = window.iter().any(|b| *b < b'\t' || (14..32).contains(b) || *b >= 127);
        (!all_letters || has_control).then_some(found.1)
    }
}

fn zip_kind(bytes: &[u8]) -> FileKind {
    let start = bytes.get(..ZIP_WINDOW_BYTES).unwrap_or(bytes);
    let end = bytes.get(bytes.len().saturating_sub(ZIP_WINDOW_BYTES)..).unwrap_or(bytes);
    let holds = |mark: &[u8]| {
        [start, end].iter().any(|window| window.windows(mark.len()).any(|part| part == mark))
    };
    if holds(b"xl/workbook.xml") {
        FileKind::Workbook
    } else if holds(b"xl/workbook.bin") || holds(b"opendocument.spreadsheet") {
        FileKind::Spreadsheet
    } else {
        FileKind::Zip
    }
}

fn is_web_page(bytes: &[u8]) -> bool {
    let start = bytes.trim_ascii_start();
    [b"<!doctype html".as_slice(), b"<html"]
        .iter()
        .any(|tag| start.get(..tag.len()).is_some_and(|head| head.eq_ignore_ascii_case(tag)))
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gzip => f.write_str("is gzip-compressed twice; unpack it first"),
            Self::Compressed(method) => write!(f, "is {method}-compressed; unpack it first"),
            Self::Zip => f.write_str("is a zip archive; unpack it and name the CSV file inside"),
            Self::Spreadsheet => {
                f.write_str("is a spreadsheet of a kind that is not read; save it as .xlsx or CSV")
            }
            Self::Workbook => f.write_str("is an Excel workbook, where CSV is expected"),
            Self::Parquet => f.write_str("is a Parquet file, where CSV is expected"),
            Self::Sqlite => {
                f.write_str("is an SQLite database; name it sqlite:FILE and give a query")
            }
            Self::Pdf => f.write_str("is a PDF document; name the CSV file it was made from"),
            Self::Image => f.write_str("is an image; name a CSV file"),
            Self::WebPage => {
                f.write_str("is a web page, perhaps a login page; download the CSV file itself")
            }
            Self::LfsPointer => {
                f.write_str("is only a Git LFS pointer; run `git lfs pull` to get the data")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workbook_is_told_from_a_plain_zip_archive() {
        let workbook = b"PK\x03\x04\x14\0\x06\0\x08\0[Content_Types].xml..xl/workbook.xml";
        assert_eq!(FileKind::from_signature(workbook), Some(FileKind::Workbook));
        let binary = b"PK\x03\x04\x14\0\x06\0\x08\0[Content_Types].xml..xl/workbook.bin";
        assert_eq!(FileKind::from_signature(binary), Some(FileKind::Spreadsheet));
        assert_eq!(FileKind::from_signature(b"PK\x03\x04 data.csv"), Some(FileKind::Zip));
    }

    #[test]
    fn a_packed_file_says_to_unpack_it() {
        let kind = FileKind::from_signature(b"BZh9\x31\0").map(|kind| kind.to_string());
        assert_eq!(kind.as_deref(), Some("is bzip2-compressed; unpack it first"));
    }

    #[test]
    fn a_header_that_starts_like_a_signature_is_still_text() {
        assert_eq!(FileKind::from_signature(b"BZh,PAR1\n1,2\n"), None);
        assert_eq!(FileKind::from_signature(b"PAR1,b\n1,2\n"), None);
        assert_eq!(FileKind::from_signature(b"PAR1\x15\x04\x15"), Some(FileKind::Parquet));
    }

    #[test]
    fn a_saved_login_page_is_recognised_in_any_case() {
        assert_eq!(FileKind::from_signature(b"\n<!DOCTYPE HTML>"), Some(FileKind::WebPage));
    }
}
