//! Where a key of the grid file stands in its text.

/// Line and column, each from 1, of the value of a key such as `steps[3].rolling.windows[0]`: of the
/// deepest part of it that is there. What follows in the text need not be JSON.
pub(super) fn position(text: &str, key: &str) -> (usize, usize) {
    let at = Scan { text, at: 0 }.find(key);
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or(before);
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// A place in a JSON text.
#[derive(Clone, Copy)]
struct Scan<'t> {
    text: &'t str,
    at: usize,
}

impl Scan<'_> {
    /// Where the value of a key stands, seen from the value here.
    fn find(mut self, key: &str) -> usize {
        let mut key = key;
        loop {
            self.skip_space();
            let here = self.at;
            key = key.strip_prefix('.').unwrap_or(key);
            let deeper = match self.next() {
                Some(b'{') => self.member(key),
                Some(b'[') => self.item(key),
                _ => None,
            };
            match deeper {
                Some(rest) => key = rest,
                None => return here,
            }
        }
    }

    /// Goes to the value of the member that the key begins with; what is left of the key.
    fn member<'k>(&mut self, key: &'k str) -> Option<&'k str> {
        loop {
            self.pass(b"{,");
            let from = self.at;
            self.skip_string()?;
            let name: String = serde_json::from_str(self.text.get(from..self.at)?).ok()?;
            let rest = key.strip_prefix(name.as_str());
            self.skip_space();
            self.pass(b":");
            match rest {
                Some(rest) if rest.is_empty() || rest.starts_with(['.', '[']) => return Some(rest),
                _ => self.skip_value()?,
            }
            self.skip_space();
        }
    }

    /// Goes to the item that the key begins with; what is left of the key.
    fn item<'k>(&mut self, key: &'k str) -> Option<&'k str> {
        let (place, rest) = key.strip_prefix('[')?.split_once(']')?;
        let place: usize = place.parse().ok()?;
        self.pass(b"[");
        for _ in 0..place {
            self.skip_value()?;
            self.skip_space();
            self.pass(b",");
        }
        self.next().filter(|&byte| byte != b']').map(|_| rest)
    }

    fn next(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.next().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Passes one of some marks, and the space after it.
    fn pass(&mut self, marks: &[u8]) {
        if self.next().is_some_and(|byte| marks.contains(&byte)) {
            self.at += 1;
        }
        self.skip_space();
    }

    fn skip_string(&mut self) -> Option<()> {
        if self.next()? != b'"' {
            return None;
        }
        self.at += 1;
        while self.next()? != b'"' {
            self.at += if self.next()? == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
        Some(())
    }

    /// Passes a whole value.
    fn skip_value(&mut self) -> Option<()> {
        self.skip_space();
        let mut depth = 0_usize;
        loop {
            match self.next()? {
                b'"' => self.skip_string()?,
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' | b',' if depth == 0 => return Some(()),
                b'}' | b']' => {
                    depth -= 1;
                    self.at += 1;
                }
                _ => self.at += 1,
            }
            if depth == 0 && matches!(self.next(), Some(b',' | b'}' | b']') | None) {
                return Some(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "{\n  \"a\": [1, {\"é\": \"x,}\"}, [[ ], 2 ]],\n  \"b.c\": {\"d\" : 3},\n  \"e\": 4\n}\n";

    #[test]
    fn a_key_is_found_by_line_and_column() {
        for (key, wanted) in [
            ("", (1, 1)),
            ("a", (2, 8)),
            ("a[0]", (2, 9)),
            ("a[1].é", (2, 18)),
            ("a[2][1]", (2, 32)),
            ("b.c.d", (3, 17)),
            ("e", (4, 8)),
        ] {
            assert_eq!(position(TEXT, key), wanted, "{key}");
        }
    }

    #[test]
    fn a_key_that_is_not_there_is_sought_as_deep_as_it_is() {
        for (key, wanted) in [
            ("z", (1, 1)),
            ("b.c.z", (3, 10)),
            ("a[9]", (2, 8)),
            ("a[0].z", (2, 9)),
            ("a[x]", (2, 8)),
        ] {
            assert_eq!(position(TEXT, key), wanted, "{key}");
        }
        for end in 0..TEXT.len() {
            if let Some(cut) = TEXT.get(..end) {
                position(cut, "b.c.d");
                position(cut, "a[2][1]");
            }
        }
    }
}
