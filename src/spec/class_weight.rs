//! How much the rows of each class count in the training loss; names are scikit-learn's.

use std::fmt;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::ClassFactor;

/// The weight of the rows of each class in the loss that training minimises.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "it must be \"none\", \"balanced\", or numbers from 1e-6 to 1e6 by class such as \
                 {\"worn\": 20}"
)]
pub enum ClassWeight {
    /// The same for all classes, or by their size.
    Rule(WeightRule),
    /// By class; classes that are not named count 1.
    ByClass(WeightByClass),
}

/// What the rows of a class count, whatever the classes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WeightRule {
    /// All rows count the same.
    None,
    /// rows / (classes · rows of the class), of the fold's train rows: all classes count the same.
    Balanced,
}

/// What the rows of the named classes count: at least one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "IndexMap<String, ClassFactor>")]
#[schemars(extend("minProperties" = 1))]
pub struct WeightByClass(IndexMap<String, ClassFactor>);

impl WeightByClass {
    /// The named classes with what their rows count, in the order of the grid file.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(class, factor)| (class.as_str(), factor.get()))
    }
}

impl TryFrom<IndexMap<String, ClassFactor>> for WeightByClass {
    type Error = &'static str;

    fn try_from(factors: IndexMap<String, ClassFactor>) -> Result<Self, Self::Error> {
        if factors.is_empty() { Err("no class is named") } else { Ok(Self(factors)) }
    }
}

/// As tables show it: `none`, `balanced` or `worn=20;broken=5`. What a cell or this list is parted
/// by, and `%` itself, is written as in a URL where a class has it in its name.
impl fmt::Display for ClassWeight {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by_class = match self {
            Self::Rule(WeightRule::None) => return out.write_str("none"),
            Self::Rule(WeightRule::Balanced) => return out.write_str("balanced"),
            Self::ByClass(by_class) => by_class,
        };
        for (place, (class, factor)) in by_class.iter().enumerate() {
            out.write_str(if place > 0 { ";" } else { "" })?;
            for letter in class.chars() {
                if letter.is_control() || "%=;,\"\\".contains(letter) {
                    let mut bytes = [0; 4];
                    let mut bytes = letter.encode_utf8(&mut bytes).bytes();
                    bytes.try_for_each(|byte| write!(out, "%{byte:02X}"))?;
                } else {
                    write!(out, "{letter}")?;
                }
            }
            write!(out, "={factor}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn read(json: &str) -> Result<ClassWeight, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn every_value_is_written_as_it_was_read() {
        for json in [r#""none""#, r#""balanced""#, r#"{"worn":20.0,"none":0.5}"#] {
            assert_eq!(serde_json::to_string(&read(json).unwrap()).unwrap(), json);
        }
    }

    #[test]
    fn an_unknown_value_is_refused_with_the_choices() {
        let wrong =
            r#""Balanced" 1 [] {} null true {"a":0} {"a":-1} {"a":1e-7} {"a":2e6} {"a":"1"}"#;
        for json in wrong.split(' ') {
            let message = read(json).unwrap_err().to_string();
            assert!(message.contains("\"balanced\", or numbers from 1e-6"), "{json}: {message}");
        }
        assert!(read(r#"{"a": 1e-6, "b": 1e6}"#).is_ok());
    }

    #[test]
    fn tables_show_it_in_one_cell_without_quotes() {
        let text = |json| read(json).unwrap().to_string();
        assert_eq!(text(r#""balanced""#), "balanced");
        assert_eq!(text(r#"{"Wear out":20,"1":0.000001}"#), "Wear out=20;1=0.000001");
        let odd = text(r#"{"a=1;b":2,"50%":3,"x,\"y\"\n\u0085é":4}"#);
        assert_eq!(odd, "a%3D1%3Bb=2;50%25=3;x%2C%22y%22%0A%C2%85é=4");
    }
}
