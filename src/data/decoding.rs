//! From a file's bytes to its text: refuses what is not UTF-8 and says where and why.

use super::error::DataError;
use super::file_kind::FileKind;
use super::records::line_breaks;

/// A file's text without its byte order mark.
pub(super) struct Decoded<'a> {
    /// The text after the mark.
    pub(super) text: &'a str,
    /// Whether there was a mark.
    pub(super) had_mark: bool,
}

/// Checks that `bytes` are UTF-8 text that is not empty.
pub(super) fn decode<'a>(path: &str, bytes: &'a [u8]) -> Result<Decoded<'a>, DataError> {
    let path = || path.to_owned();
    if let Some(kind) = FileKind::from_signature(bytes) {
        return Err(DataError::NotCsv { path: path(), kind });
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(DataError::Utf16 { path: path() });
    }
    // `contains` is many times faster than `split`, which is only wanted for the message.
    if bytes.contains(&0) {
        let line = place(bytes.split(|byte| *byte == 0).next().unwrap_or_default()).0;
        return Err(DataError::NulByte { path: path(), line });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let byte = bytes.get(error.valid_up_to()).copied().unwrap_or_default();
        let (line, column) = place(valid);
        DataError::NotUtf8 { path: path(), line, column, byte }
    })?;
    let unmarked = text.trim_start_matches('\u{feff}');
    if unmarked.trim().is_empty() {
        return Err(DataError::Empty { path: path() });
    }
    Ok(Decoded { text: unmarked, had_mark: unmarked.len() != text.len() })
}

/// Line and column, from 1, of the character that follows `before`; columns count characters.
fn place(before: &[u8]) -> (u64, u64) {
    let before = String::from_utf8_lossy(before);
    let in_line = before.rsplit(['\n', '\r']).next().unwrap_or_default();
    (line_breaks(&before) + 1, in_line.chars().count() as u64 + 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp)]
    use super::*;

    fn refusal(bytes: &[u8]) -> String {
        decode("pump.csv", bytes).err().expect("should be refused").to_string()
    }

    #[test]
    fn a_latin_1_degree_sign_is_named_with_its_line_and_column() {
        let message = refusal(
            "x,é\r\n1,é".as_bytes().iter().chain(b"\xb0").copied().collect::<Vec<_>>().as_slice(),
        );
        assert!(message.contains("line 2, column 4"), "{message}");
        assert!(message.contains("0xB0"), "{message}");
        assert!(message.contains("Latin-1"), "{message}");
    }

    #[test]
    fn utf_16_says_to_save_as_utf_8() {
        let message = refusal(b"\xff\xfea\0,\0");
        assert!(message.contains("UTF-16") && message.contains("UTF-8"), "{message}");
    }

    #[test]
    fn a_nul_byte_is_named_with_its_line() {
        assert!(refusal(b"a,b\n1,\0\n").contains("line 2"));
    }

    #[test]
    fn a_file_of_spaces_is_empty() {
        assert!(refusal("\u{feff} \n\n".as_bytes()).contains("empty"));
        assert!(refusal(b"").contains("empty"));
    }
}
