//! Breaks JSON where its values are, without a reader that would refuse what is broken already:
//! duplicate keys, numbers beyond every type and depths of nesting stay as they were put in.

use std::ops::Range;

use super::mutate::Dice;

/// A piece of a JSON text.
struct Piece {
    range: Range<usize>,
    /// Whether it is a key with its value.
    is_member: bool,
}

/// Breaks one place of a JSON text; `word` makes strings that the reader may know.
pub fn mutate(
    dice: &mut Dice,
    text: &[u8],
    other: &[u8],
    word: fn(&mut Dice) -> String,
) -> Vec<u8> {
    let mut found = pieces(text);
    // Values rather than keys: an unknown key is refused before anything else.
    let is_member = dice.one_in(5) && found.iter().any(|piece| piece.is_member);
    found.retain(|piece| piece.is_member == is_member);
    if found.is_empty() {
        return text.to_vec();
    }
    let range = dice.pick(&found).range.clone();
    let old = &text[range.clone()];
    let new = match dice.below(16) {
        0 => Vec::new(),
        1 => return spliced(text, range.clone(), &vec![old; 1 + few(dice, old)].join(&b','), 0),
        2 => donated(dice, other, is_member).unwrap_or_else(|| old.to_vec()),
        3 => donated(dice, text, is_member).unwrap_or_else(|| old.to_vec()),
        4 if !is_member => nested(dice, old),
        _ if is_member => renamed(dice, old, word),
        5..=7 => value(dice, word).into_bytes(),
        8 => quoted(&word(dice)).into_bytes(),
        _ => alike(dice, old, word),
    };
    // What is removed takes its comma along.
    let comma = usize::from(new.is_empty() && text.get(range.end) == Some(&b','));
    spliced(text, range.clone(), &new, comma)
}

fn spliced(text: &[u8], range: Range<usize>, new: &[u8], more: usize) -> Vec<u8> {
    [&text[..range.start], new, &text[range.end + more..]].concat()
}

fn few(dice: &mut Dice, old: &[u8]) -> usize {
    dice.count().min(1 + (1 << 18) / (old.len() + 1))
}

/// A value, or a member, of a JSON text.
fn donated(dice: &mut Dice, from: &[u8], is_member: bool) -> Option<Vec<u8>> {
    let donors: Vec<Piece> =
        pieces(from).into_iter().filter(|piece| piece.is_member == is_member).collect();
    (!donors.is_empty()).then(|| from[dice.pick(&donors).range.clone()].to_vec())
}

fn nested(dice: &mut Dice, old: &[u8]) -> Vec<u8> {
    let depth = dice.count();
    let (open, close) = *dice.pick(&[("[", "]"), ("{\"a\":", "}"), ("[0,", ",{}]"), ("[", "")]);
    [open.repeat(depth).as_bytes(), old, close.repeat(depth).as_bytes()].concat()
}

/// A member under another key.
fn renamed(dice: &mut Dice, old: &[u8], word: fn(&mut Dice) -> String) -> Vec<u8> {
    let colon = string_end(old, 0);
    let name = if dice.one_in(2) { word(dice) } else { dice.text() };
    [quoted(&name).as_bytes(), &old[colon..]].concat()
}

/// Another value of the same type.
fn alike(dice: &mut Dice, old: &[u8], word: fn(&mut Dice) -> String) -> Vec<u8> {
    match old.first() {
        Some(b'"') if dice.one_in(2) => quoted(&word(dice)).into_bytes(),
        Some(b'"') => {
            let text = String::from_utf8_lossy(&old[1..old.len().max(2) - 1]).into_owned();
            let at = (0..=text.len()).filter(|&at| text.is_char_boundary(at)).collect::<Vec<_>>();
            let at = *dice.pick(&at);
            let put_in = quoted(&dice.text());
            format!("\"{}{}{}\"", &text[..at], put_in.trim_matches('"'), &text[at..]).into_bytes()
        }
        Some(b'[') => {
            let items = (0..dice.below(5)).map(|_| value(dice, word)).collect::<Vec<_>>();
            format!("[{}]", items.join(",")).into_bytes()
        }
        Some(b't' | b'f') => (*dice.pick(&["true", "false", "null"])).into(),
        _ => dice.number().into_bytes(),
    }
}

/// Any value.
fn value(dice: &mut Dice, word: fn(&mut Dice) -> String) -> String {
    match dice.below(16) {
        0..=4 => dice.number(),
        5..=7 => quoted(&dice.text()),
        8 => quoted(&dice.number()),
        9 => quoted(&word(dice)),
        10 => {
            // Distinct values, so that a reader that compares each with each shows.
            let items = (0..few(dice, b"1234567")).map(|item| item.to_string());
            format!("[{}]", items.collect::<Vec<_>>().join(","))
        }
        _ => {
            let others = [
                "null",
                "true",
                "false",
                "[]",
                "{}",
                "[[]]",
                "[null]",
                "\"\\u0000\"",
                "\"\\ud800\"",
                "NaN",
                "",
                "{\"file\":1}",
                "[1,1]",
                "[0.5,0.5]",
            ];
            (*dice.pick(&others)).to_owned()
        }
    }
}

pub fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// Every value and member of a JSON text, as far as it is one.
fn pieces(text: &[u8]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    // Where each open bracket stands, and where the key in front of the next value.
    let mut open: Vec<(usize, Option<usize>)> = vec![(0, None)];
    let mut at = 0;
    while at < text.len() {
        let start = at;
        let ended = match text[at] {
            b'"' => {
                at = string_end(text, at);
                let next = text[at..].iter().find(|byte| !byte.is_ascii_whitespace());
                if next == Some(&b':') {
                    open.last_mut().unwrap().1 = Some(start);
                    continue;
                }
                Some(start)
            }
            b'[' | b'{' => {
                open.push((at, None));
                at += 1;
                None
            }
            b']' | b'}' if open.len() > 1 => {
                at += 1;
                open.pop().map(|(start, _)| start)
            }
            byte if byte.is_ascii_alphanumeric() || byte == b'-' => {
                let more = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
                at += text[at..].iter().take_while(|byte| more(byte)).count();
                Some(start)
            }
            _ => {
                at += 1;
                None
            }
        };
        if let Some(start) = ended {
            pieces.push(Piece { range: start..at, is_member: false });
            if let Some(key) = open.last_mut().unwrap().1.take() {
                pieces.push(Piece { range: key..at, is_member: true });
            }
        }
    }
    pieces
}

/// Where the string ends that starts at `at`.
fn string_end(text: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while end < text.len() && text[end] != b'"' {
        end += 1 + usize::from(text[end] == b'\\');
    }
    (end + 1).min(text.len())
}

#[test]
fn values_and_members_are_found_also_in_broken_json() {
    let text = br#"{"a": [1, "x\"y"], "b": {"c": -2e5"#;
    let found: Vec<_> = pieces(text).into_iter().map(|piece| &text[piece.range]).collect();
    let wanted: [&[u8]; 6] =
        [b"1", br#""x\"y""#, br#"[1, "x\"y"]"#, br#""a": [1, "x\"y"]"#, b"-2e5", br#""c": -2e5"#];
    assert_eq!(found, wanted);
}
