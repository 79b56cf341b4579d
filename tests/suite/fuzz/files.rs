//! Breaks files that are no text: bytes anywhere, and in a workbook also the XML within it.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::mutate::Dice;

/// Breaks one place of a Parquet file, a workbook or a packed file.
pub fn mutate(dice: &mut Dice, bytes: &[u8], _other: &[u8]) -> Vec<u8> {
    if dice.one_in(2)
        && let Some(broken) = within(dice, bytes)
    {
        return broken;
    }
    let mut bytes = bytes.to_vec();
    let at = dice.below(bytes.len().max(1));
    let byte = dice.byte();
    if let Some(place) = bytes.get_mut(at) {
        *place = byte;
    }
    bytes
}

/// Breaks one file of an archive, which is packed again.
fn within(dice: &mut Dice, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let chosen = dice.below(archive.len().max(1));
    let mut packed = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).ok()?;
        let mut text = Vec::new();
        file.by_ref().take(1 << 20).read_to_end(&mut text).ok()?;
        if index == chosen {
            let at = dice.below(text.len() + 1);
            let pieces: [&[u8]; 8] =
                [b"<", b"/>", b"\"", b"XFD1048576", b"999999999999", b"-1", b"&#0;", b"t=\"s\""];
            let piece = dice.pick(&pieces).to_vec();
            let until = (at + dice.below(12)).min(text.len());
            text.splice(at..until, piece);
        }
        let name = file.name().ok()?.into_owned();
        packed.start_file(name, SimpleFileOptions::default()).ok()?;
        packed.write_all(&text).ok()?;
    }
    packed.finish().ok().map(Cursor::into_inner)
}
