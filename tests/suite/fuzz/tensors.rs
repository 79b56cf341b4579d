//! Breaks safetensors files: the length of the header, the header, and the numbers below it.

use super::json;
use super::mutate::Dice;

const WORDS: &str = "\
    F32 F64 F16 BF16 I8 U8 I16 U16 I32 U32 I64 U64 BOOL F8_E4M3 F8_E5M2 F4 C64 f32 dtype \
    shape data_offsets __metadata__ 0.frequencies 0.weight 0.bias 1.weight 1.bias 4.weight 4.bias offsets \
    format 2.weight 2.running_mean 2.running_var 2.num_batches_tracked";

fn word(dice: &mut Dice) -> String {
    dice.one_of(WORDS, ' ').to_owned()
}

/// Breaks one place of a safetensors file.
pub fn mutate(dice: &mut Dice, bytes: &[u8], other: &[u8]) -> Vec<u8> {
    let (header, data) = parts(bytes);
    match dice.below(10) {
        0 => {
            let length: i128 = dice.number().parse().unwrap_or(i128::MAX);
            [&(length as u64).to_le_bytes(), header, data].concat()
        }
        1 => {
            let length = header.len() as u64 + dice.below(20) as u64;
            [&length.saturating_sub(10).to_le_bytes(), header, data].concat()
        }
        2 => whole(header, &data[..dice.below(data.len() + 1)]),
        3 => whole(header, &[data, &vec![dice.byte(); dice.count()]].concat()),
        4 => {
            let mut data = data.to_vec();
            let (at, value) =
                (dice.below(data.len() / 4), *dice.pick(&[f32::NAN, f32::INFINITY, 3e38, 0.0]));
            if let Some(place) = data.get_mut(at * 4..at * 4 + 4) {
                place.copy_from_slice(&value.to_le_bytes());
            }
            whole(header, &data)
        }
        5..=7 => numbers(dice, header, data),
        _ => whole(&json::mutate(dice, header, parts(other).0, word), data),
    }
}

/// Changes a number of the header: a shape or an offset.
fn numbers(dice: &mut Dice, header: &[u8], data: &[u8]) -> Vec<u8> {
    let starts =
        |at: &usize| header[*at].is_ascii_digit() && b"[,".contains(&header[at.max(&1) - 1]);
    let places: Vec<usize> = (0..header.len()).filter(starts).collect();
    if places.is_empty() {
        return whole(header, data);
    }
    let at = *dice.pick(&places);
    let digits = header[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let old: i64 = String::from_utf8_lossy(&header[at..at + digits]).parse().unwrap_or(0);
    let new = match dice.below(4) {
        0 => dice.number(),
        1 => "0".to_owned(),
        2 => format!("{old},{}", dice.number()),
        _ => old.saturating_add(dice.below(9) as i64 - 4).to_string(),
    };
    whole(&[&header[..at], new.as_bytes(), &header[at + digits..]].concat(), data)
}

/// The header and the data of a file, as far as it is one.
fn parts(bytes: &[u8]) -> (&[u8], &[u8]) {
    let Some((length, rest)) = bytes.split_first_chunk::<8>() else { return (&[], bytes) };
    let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
    rest.split_at(length.min(rest.len()))
}

fn whole(header: &[u8], data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header, data].concat()
}
