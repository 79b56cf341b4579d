//! Makes and breaks SQL expressions: every function and type that polars' SQL knows, over columns
//! that are there and columns that are not, nested and repeated beyond what anyone writes.

use super::mutate::Dice;

/// Columns of the table that expressions are computed on, and of none.
const COLUMNS: [&str; 12] = [
    "rpm",
    "torque",
    "wear",
    "\"Torque [Nm]\"",
    "gaps",
    "kind",
    "failure",
    "nothing",
    "t.rpm",
    "*",
    "\"\"",
    "`wear`",
];

const LITERALS: &str = "\
    NULL ¦ TRUE ¦ '' ¦ 'a' ¦ '2020-01-01' ¦ '1 day' ¦ x'00ff' ¦ x'0' ¦ b'101' ¦ b'' ¦ '(' ¦ \
    DATE '2020-13-77' ¦ TIMESTAMP '2020-01-01 00:00:00' ¦ TIME '25:00:00' ¦ \
    INTERVAL '1 month' ¦ INTERVAL '99999999999 years' ¦ [1, 2] ¦ ARRAY[] ¦ ARRAY['a', 1] ¦ \
    {'a': 1} ¦ ? ¦ $1 ¦ :x ¦ '\u{10ffff}'";

const OPERATORS: &str = "\
    + ¦ - ¦ * ¦ / ¦ // ¦ % ¦ DIV ¦ ^ ¦ ** ¦ || ¦ & ¦ | ¦ # ¦ << ¦ >> ¦ = ¦ == ¦ != ¦ <> ¦ \
    < ¦ <= ¦ >= ¦ <=> ¦ AND ¦ OR ¦ XOR ¦ LIKE ¦ NOT LIKE ¦ ILIKE ¦ RLIKE ¦ REGEXP ¦ ~ ¦ \
    !~ ¦ ~~* ¦ -> ¦ ->> ¦ #> ¦ @> ¦ ^@ ¦ IS DISTINCT FROM ¦ SIMILAR TO ¦ COLLATE";

const FUNCTIONS: &str = "\
    bit_and bit_count bit_not bit_or xor abs cbrt ceil div exp floor ln log log10 log1p log2 \
    mod pi pow round trunc sign sqrt cos cot sin tan cosd cotd sind tand acos asin atan \
    atan2 acosd asind atand atan2d degrees radians coalesce greatest if ifnull least nullif \
    date date_part strftime timestamp datetime bit_length concat concat_ws ends_with initcap \
    left length lower lpad ltrim normalize octet_length regexp_like replace reverse right \
    rpad rtrim split_part starts_with string_to_array strpos strptime substr time upper avg \
    corr count covar_pop first last max median min quantile_cont quantile_disc stddev \
    string_agg group_concat sum total variance array_agg array_contains array_get \
    array_length array_lower array_mean array_reverse array_sum array_to_string array_unique \
    array_upper unnest rank dense_rank first_value last_value lag lead row_number columns \
    repeat generate_series read_csv read_parquet read_ipc read_json nosuch trim substring \
    position overlay extract convert char_length nightly ntile rand struct unixepoch hash \
    \"abs\" a.abs stdev var covar covar_samp datepart ceiling power truncate bitand bitor \
    bitxor bitnot strlen now";

const TYPES: &str = "\
    INT ¦ TINYINT ¦ SMALLINT ¦ BIGINT ¦ HUGEINT ¦ INT128 ¦ TINYINT UNSIGNED ¦ UINT8 ¦ \
    UBIGINT ¦ UHUGEINT ¦ FLOAT ¦ FLOAT(1) ¦ FLOAT(99) ¦ REAL ¦ DOUBLE ¦ DECIMAL ¦ \
    DECIMAL(38, 9) ¦ DECIMAL(500, 300) ¦ NUMERIC(2, 9) ¦ BOOLEAN ¦ DATE ¦ TIME ¦ \
    TIMESTAMP ¦ DATETIME(3) ¦ TIMESTAMP(99) ¦ TIMESTAMP WITH TIME ZONE ¦ INTERVAL ¦ \
    INTERVAL DAY ¦ TEXT ¦ VARCHAR(1) ¦ BLOB ¦ BYTEA ¦ UUID ¦ JSON ¦ INT[] ¦ INT[][] ¦ \
    ARRAY<INT> ¦ STRUCT<a INT> ¦ int1 ¦ nosuch";

/// What a derived feature may be written with, so that most expressions reach what computes them.
const TAME: [&str; 3] = [
    "abs atan2 ceil coalesce cot div exp floor greatest if ifnull least ln log log1p mod nullif pi pow \
    radians round sign sin sqrt tand",
    "INT ¦ BIGINT ¦ FLOAT ¦ DOUBLE ¦ REAL ¦ BOOLEAN",
    "+ ¦ - ¦ * ¦ / ¦ % ¦ ^ ¦ > ¦ <= ¦ = ¦ <> ¦ AND ¦ OR ¦ XOR ¦ DIV ¦ IS DISTINCT FROM",
];

fn function(dice: &mut Dice) -> &'static str {
    if dice.one_in(6) { dice.one_of(FUNCTIONS, ' ') } else { dice.one_of(TAME[0], ' ') }
}

fn kind(dice: &mut Dice) -> &'static str {
    if dice.one_in(6) { dice.one_of(TYPES, '¦') } else { dice.one_of(TAME[1], '¦') }
}

fn operator(dice: &mut Dice) -> &'static str {
    if dice.one_in(6) { dice.one_of(OPERATORS, '¦') } else { dice.one_of(TAME[2], '¦') }
}

/// A new expression.
pub fn word(dice: &mut Dice) -> String {
    let depth = dice.below(5);
    expression(dice, depth)
}

fn expression(dice: &mut Dice, depth: usize) -> String {
    if depth == 0 {
        return match dice.below(8) {
            0..=4 => dice.pick(&COLUMNS[..5]).to_string(),
            5 if dice.one_in(4) => dice.pick(&COLUMNS).to_string(),
            5 if dice.one_in(3) => dice.one_of(LITERALS, '¦').to_owned(),
            _ => dice.number(),
        };
    }
    let shallower = dice.below(depth);
    let mut part = || expression(dice, shallower);
    let (one, two, three) = (part(), part(), part());
    match dice.below(40) {
        0..=11 => format!("{one} {} {two}", dice.one_of("+ - * / // % AND >", ' ')),
        12..=14 => format!("({one}) {} ({two})", operator(dice)),
        15..=26 => {
            let arguments = [one, two, three];
            let count = dice.below(4);
            format!("{}({})", function(dice), arguments[..count].join(", "))
        }
        27..=29 => format!("CAST({one} AS {})", kind(dice)),
        30 => format!("{one}::{}", kind(dice)),
        31..=33 => format!("CASE WHEN {one} THEN {two} ELSE {three} END"),
        34 => format!("CASE {one} WHEN {two} THEN {three} END"),
        35 => format!("{one} BETWEEN {two} AND {three}"),
        36 => format!("{one} IS NULL AND {two} IS NOT TRUE"),
        37 | 38 => format!("{}({one})", dice.pick(&["-", "+", "NOT ", "~", "TRY_", "@", "!!"])),
        _ => rare(dice, &one, &two),
    }
}

/// What is no arithmetic.
fn rare(dice: &mut Dice, one: &str, two: &str) -> String {
    match dice.below(15) {
        0 => format!("{one} IN (SELECT {two})"),
        1 => format!("EXISTS (SELECT {one} FROM {two})"),
        2 => format!("(SELECT * FROM read_csv('/etc/passwd') WHERE {one})"),
        3 => format!("SUM({one}) OVER (PARTITION BY {two} ORDER BY {one} ROWS 1 PRECEDING)"),
        4 => format!("EXTRACT(isodow FROM {one})"),
        5 => format!("SUBSTRING({one} FROM {two})"),
        6 => format!("POSITION({one} IN {two})"),
        7 => format!("TRIM(BOTH {one} FROM {two})"),
        8 => format!("{one} > ANY(ARRAY[{two}])"),
        9 => format!("COLUMNS('{}')", dice.text()),
        10 => format!("{one}; DROP TABLE {two} --"),
        11 => format!("({one})[{two}:{one}]"),
        12 => format!("{one} AS {two}"),
        13 => format!("{one} IN ({two}, {one})"),
        _ => format!("* EXCLUDE ({one})"),
    }
}

/// Breaks an expression between its words.
pub fn mutate(dice: &mut Dice, text: &[u8], other: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(text);
    let other = String::from_utf8_lossy(other);
    let (words, others) = (words(&text), words(&other));
    let at = dice.below(words.len() + 1);
    let end = (at + 1 + dice.below(3)).min(words.len());
    let (head, middle, tail) =
        (words[..at].concat(), words[at..end].concat(), words[end..].concat());
    let most = 1 + (1 << 18) / (middle.len() + 1);
    let new = match dice.below(14) {
        0 => String::new(),
        1 => (*dice.pick(&COLUMNS)).to_owned(),
        2 => dice.one_of(LITERALS, '¦').to_owned(),
        3 => operator(dice).to_owned(),
        4 => dice.number(),
        5 => format!("{}({middle})", function(dice)),
        6 => format!("CAST({middle} AS {})", kind(dice)),
        7 => {
            let depth = dice.count();
            let open = *dice.pick(&["(", "abs(", "- ", "NOT ", "CASE WHEN ", "["]);
            let close = if open.ends_with('(') { ")" } else { "" };
            format!("{}{middle}{}", open.repeat(depth), close.repeat(depth))
        }
        8 => middle.repeat(dice.count().min(most)),
        9 => {
            let piece = format!(" {} {}", operator(dice), dice.pick(&COLUMNS[..4]));
            middle + &piece.repeat(dice.count())
        }
        10 if !others.is_empty() => dice.pick(&others).to_string(),
        11 => dice.text(),
        12 => return word(dice).into_bytes(),
        _ => format!("({})", word(dice)),
    };
    format!("{head}{new}{tail}").into_bytes()
}

/// The words, spaces, quoted parts and symbols of an expression.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if matches!(first, '"' | '\'' | '`') {
            rest[1..].find(first).map_or(rest.len(), |end| end + 2)
        } else if first.is_alphanumeric() {
            let more = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
            rest.find(|c| !more(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        words.push(&rest[..length]);
        rest = &rest[length..];
    }
    words
}

#[test]
fn the_words_of_an_expression_are_all_of_it() {
    let text = "abs(\"a b\") >= 1.5";
    assert_eq!(words(text), ["abs", "(", "\"a b\"", ")", " ", ">", "=", " ", "1.5"]);
}
