//! What a derived feature may be written with: arithmetic on columns of numbers, and nothing else.
//!
//! polars' SQL knows much more, which a feature has no use for and which does not fail gently: text,
//! dates and arrays end in a panic where their polars features are off, subqueries may read files,
//! and an expression of some hundred terms overflows the stack. So an expression is looked at word by
//! word before polars sees it.

/// The most words and symbols of an expression. polars walks it by recursion, in part on threads of
/// its own with stacks of 2 MB, which some 400 words overflow in a build without optimisation.
const MOST_WORDS: usize = 200;

/// The longest expression, in bytes: the SQL reader takes a hundred bytes for each space.
const LONGEST: usize = 20_000;

/// The deepest nesting of brackets, CASE and NOT. Where there is a mistake inside, the parser reads
/// it once as a keyword's and once as a function's: twice the time a level.
const DEEPEST: usize = 12;

/// Functions of a row's own numbers.
const FUNCTIONS: &str = "abs acos acosd asin asind atan atan2 atan2d atand cbrt ceil ceiling coalesce \
    cos cosd cot cotd degrees div exp floor greatest if ifnull least ln log log10 log1p log2 mod nullif \
    pi pow power radians round sign sin sind sqrt tan tand";

/// Words that stand between the words of columns.
const KEYWORDS: &str = "and as between case cast distinct div else end false from is not null or then \
    true try_cast when xor";

/// Types to cast to.
const TYPES: &str = "bigint bool boolean double float int integer real";

#[derive(Debug, Clone, Copy, PartialEq)]
enum Word<'a> {
    /// A name, a keyword or a type, as written.
    Plain(&'a str),
    /// A column's name in quotes.
    Quoted,
    Number,
    Symbol(char),
}

/// Why an expression is not arithmetic on numbers, if it is none.
pub(super) fn refusal(expression: &str) -> Option<String> {
    if expression.len() > LONGEST {
        let bytes = expression.len();
        return Some(format!("it is {bytes} bytes long, more than {LONGEST}"));
    }
    let words = match words(expression) {
        Ok(words) if words.len() <= MOST_WORDS => words,
        Ok(words) => {
            let count = words.len();
            return Some(format!(
                "it has {count} words and symbols, more than {MOST_WORDS}: split it into several \
                 features that use each other"
            ));
        }
        Err(refusal) => return Some(refusal),
    };
    let depth = deepest(&words);
    if depth > DEEPEST {
        return Some(format!(
            "brackets, CASE and NOT are nested {depth} deep, more than {DEEPEST}: split it into \
             several features that use each other"
        ));
    }
    let mut before = [None; 2];
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1).copied();
        if let Some(refusal) = misplaced(before, *word, next) {
            return Some(refusal);
        }
        before = [before[1], Some(*word)];
    }
    None
}

/// How deep brackets, CASE and NOT are nested.
fn deepest(words: &[Word]) -> usize {
    let mut open: Vec<&str> = Vec::new();
    let mut deepest = 0;
    for word in words {
        let is = |keywords| matches!(word, Word::Plain(name) if is_in(keywords, name));
        let closed = match word {
            Word::Symbol('(') => {
                open.push("(");
                None
            }
            Word::Symbol(')') => Some("("),
            _ if is("case") => {
                open.push("case");
                None
            }
            _ if is("end") => Some("case"),
            _ if is("not") => {
                open.push("not");
                None
            }
            // What a NOT negates ends here, and nothing else does.
            Word::Symbol(',') => Some("not"),
            _ if is("and or xor when then else") => Some("not"),
            _ => None,
        };
        match closed {
            Some("not") => while open.pop_if(|last| *last == "not").is_some() {},
            Some(opener) => open.truncate(open.iter().rposition(|one| *one == opener).unwrap_or(0)),
            None => deepest = deepest.max(open.len()),
        }
    }
    deepest
}

/// What is wrong with a word between its neighbours, if anything.
fn misplaced(before: [Option<Word>; 2], word: Word, next: Option<Word>) -> Option<String> {
    let opens = next == Some(Word::Symbol('('));
    let casts = match before {
        [_, Some(Word::Plain(word))] => word.eq_ignore_ascii_case("as"),
        before => before == [Some(Word::Symbol(':')); 2],
    };
    match word {
        Word::Plain(name) if casts => (opens || !is_in(TYPES, name))
            .then(|| format!("{name:?} is no type of numbers; use one of {}", list(TYPES))),
        _ if casts => Some(format!("a type must follow CAST( … AS; use one of {}", list(TYPES))),
        Word::Plain(name) if opens && !is_in(FUNCTIONS, name) && !is_in(KEYWORDS, name) => {
            let functions = list(FUNCTIONS);
            Some(format!(
                "{name:?} is not among the functions, none of which looks beyond its row: {functions}"
            ))
        }
        Word::Symbol('(') if next == Some(Word::Symbol(')')) => match before[1] {
            Some(Word::Plain(name)) if name.eq_ignore_ascii_case("pi") => None,
            _ => Some("there is nothing between ( and )".to_owned()),
        },
        Word::Symbol('(') if before[1] == Some(Word::Quoted) => {
            Some("a column in quotes stands in front of (: write an operator between".to_owned())
        }
        Word::Symbol(_) => None,
        _ if is_term(before[1]) && is_term(Some(word)) => {
            let names = before[1].map(show).unwrap_or_default();
            Some(format!(
                "{names} and {} stand side by side: write an operator between, and a name of several \
                 words in double quotes",
                show(word)
            ))
        }
        _ => None,
    }
}

/// Whether it is a column or a number, beside which no other can stand.
fn is_term(word: Option<Word>) -> bool {
    match word {
        Some(Word::Plain(name)) => !is_in(KEYWORDS, name),
        Some(Word::Quoted | Word::Number) => true,
        Some(Word::Symbol(_)) | None => false,
    }
}

fn show(word: Word) -> String {
    match word {
        Word::Plain(name) => format!("{name:?}"),
        Word::Quoted => "a column in quotes".to_owned(),
        Word::Number => "a number".to_owned(),
        Word::Symbol(symbol) => format!("{symbol:?}"),
    }
}

fn is_in(list: &str, name: &str) -> bool {
    list.split_whitespace().any(|one| one.eq_ignore_ascii_case(name))
}

fn list(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(", ")
}

/// The words of an expression, or why it has others.
fn words(expression: &str) -> Result<Vec<Word<'_>>, String> {
    let mut words = Vec::new();
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        let (word, length) = match first {
            _ if first.is_whitespace() => (None, first.len_utf8()),
            '"' | '`' => {
                let end = quoted(rest, first);
                let end = end.ok_or_else(|| format!("a quote {first} is never closed"))?;
                (Some(Word::Quoted), end)
            }
            '\'' => {
                return Err("text in single quotes: a feature is computed from numbers; put the \
                            name of a column in double quotes"
                    .to_owned());
            }
            '0'..='9' | '.' => {
                let length = number(rest);
                let digits = &rest[..length];
                // polars gives such a number another type than its neighbours, and panics on the two.
                if digits.bytes().all(|byte| byte.is_ascii_digit())
                    && digits.parse::<i32>().is_err()
                {
                    return Err(format!("{digits} is a large whole number: write {digits}.0"));
                }
                (Some(Word::Number), length)
            }
            _ if first.is_alphabetic() || first == '_' => {
                let more = |c: char| c.is_alphanumeric() || c == '_';
                let length = rest.find(|c| !more(c)).unwrap_or(rest.len());
                (Some(Word::Plain(&rest[..length])), length)
            }
            '-' if rest.starts_with("--") => return Err("-- starts a comment in SQL".to_owned()),
            '/' if rest.starts_with("/*") => return Err("/* starts a comment in SQL".to_owned()),
            '+' | '-' | '*' | '/' | '%' | '^' | '(' | ')' | ',' | '<' | '>' | '=' | '!' | ':' => {
                (Some(Word::Symbol(first)), 1)
            }
            _ => return Err(format!("{first:?} is no operator of arithmetic")),
        };
        words.extend(word);
        rest = &rest[length..];
    }
    Ok(words)
}

/// The length of the quoted name that a text starts with; a quote inside it is written twice.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut end = 1;
    loop {
        end += text[end..].find(quote)? + 1;
        if !text[end..].starts_with(quote) {
            return Some(end);
        }
        end += 1;
    }
}

/// The length of the number that a text starts with: digits, a point, an exponent.
fn number(text: &str) -> usize {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut length = digits(text);
    if text[length..].starts_with('.') {
        length += 1 + digits(&text[length + 1..]);
    }
    let exponent = text[length..].strip_prefix(['e', 'E']);
    let exponent = exponent.map(|exponent| exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
    match exponent.map(|exponent| (exponent, digits(exponent))) {
        Some((exponent, digits)) if digits > 0 => text.len() - exponent.len() + digits,
        _ => length,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_is_taken_as_it_is_written() {
        for expression in [
            "torque * rotational_speed * 2 * pi() / 60",
            "-a + abs(b) - sqrt(a) * 1.5e-3 + .5",
            "CASE WHEN a > 3 AND (b IS NOT NULL OR NOT (a <> 1)) THEN 1 ELSE (0) END",
            "CAST(\"Torque [Nm]\" AS INT) % 4 + `a b`::float",
            "greatest(a, b, 3) - coalesce(größe, 2)",
            "a BETWEEN 1 AND \"5\"\" pipe\"",
        ] {
            assert_eq!(refusal(expression), None, "{expression}");
        }
    }

    #[test]
    fn what_is_no_arithmetic_on_numbers_is_refused() {
        for (expression, word) in [
            ("a = 'x'", "single quotes"),
            ("a - INTERVAL 1 DAY", "side by side"),
            ("lpad(a, 1000000000)", "lpad"),
            ("a IN (SELECT b)", "\"IN\""),
            ("EXISTS (SELECT a FROM read_csv(b))", "\"EXISTS\""),
            ("sum(a)", "\"sum\""),
            ("greatest()", "nothing between"),
            ("\"sum\"(a)", "quotes"),
            ("[a, b]", "'['"),
            ("CAST(a AS DATE)", "\"DATE\""),
            ("a::varchar", "\"varchar\""),
            ("CAST(a AS DECIMAL(500, 300))", "\"DECIMAL\""),
            ("a -- 'b'", "comment"),
            ("a; b", "';'"),
            ("\"a", "never closed"),
            ("Tool wear + 1", "double quotes"),
            ("2147483648 // 0 * 0 % rpm", "2147483648.0"),
        ] {
            let refusal = refusal(expression).unwrap_or_default();
            assert!(refusal.contains(word), "{expression}: {refusal}");
        }
    }

    #[test]
    fn what_is_nested_twelve_deep_is_taken_and_more_is_not() {
        let nested = |depth| format!("{}a{}", "NOT abs(".repeat(depth), ")".repeat(depth));
        assert_eq!(refusal(&nested(6)), None);
        assert!(refusal(&nested(7)).unwrap_or_default().contains("14 deep"));
        assert_eq!(refusal(&"NOT (a) AND CASE WHEN NOT b THEN 1 END = 1 AND ".repeat(7)), None);
        assert!(refusal(&"CASE ".repeat(13)).is_some());
    }

    #[test]
    fn two_hundred_words_are_enough() {
        assert_eq!(refusal(&format!("a{}", " + a".repeat(99))), None);
        let refusal = refusal(&format!("a{}", " + a".repeat(100))).unwrap_or_default();
        assert!(refusal.contains("201 words"), "{refusal}");
    }

    #[test]
    fn an_expression_of_megabytes_is_refused_unread() {
        let refusal = refusal(&format!("a{}", " ".repeat(10_000_000))).unwrap_or_default();
        assert!(refusal.contains("10000001 bytes"), "{refusal}");
    }
}
