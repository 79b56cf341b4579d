//! Column names as LightGBM takes them.

use std::collections::HashSet;

/// What LightGBM refuses in a name, or replaces, or parts names by.
fn is_forbidden(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control() || r#"",:[]{}="#.contains(letter)
}

/// The names of the columns in a model's text: those given, with `_` for whatever LightGBM refuses
/// (white space, control characters and `",:[]{}=`). A name that is empty, missing or there already
/// gets the column's number at its end.
pub(super) fn sanitised(names: &[String], columns: usize) -> Vec<String> {
    unique_names(names, columns, is_forbidden)
}

/// The names of the columns with `_` for the letters that are forbidden. A name that is empty, missing
/// or there already gets the column's number at its end.
pub(crate) fn unique_names(
    names: &[String],
    columns: usize,
    is_forbidden: fn(char) -> bool,
) -> Vec<String> {
    let mut taken = HashSet::with_capacity(columns);
    let mut sanitised = Vec::with_capacity(columns);
    for column in 0..columns {
        let name = names.get(column).map_or("", String::as_str);
        let mut name: String =
            name.chars().map(|letter| if is_forbidden(letter) { '_' } else { letter }).collect();
        if name.is_empty() {
            name = format!("Column_{column}");
        }
        while !taken.insert(name.clone()) {
            name = format!("{name}_{column}");
        }
        sanitised.push(name);
    }
    sanitised
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forbidden_letters_become_underscores() {
        let names = ["Air temperature [K]".to_owned(), "a=b".to_owned(), "Öl, °C".to_owned()];
        assert_eq!(sanitised(&names, 3), ["Air_temperature__K_", "a_b", "Öl__°C"]);
    }

    #[test]
    fn names_are_never_empty_and_never_alike() {
        let names = ["a b", "a_b", "", "a_b_1"].map(str::to_owned);
        let found = sanitised(&names, 5);
        assert_eq!(found, ["a_b", "a_b_1", "Column_2", "a_b_1_3", "Column_4"]);
    }
}
