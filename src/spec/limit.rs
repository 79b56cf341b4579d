//! A limit that need not be there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::{Count, Positive, Ratio};

/// Declares a limit that need not be there: the number that it is, and the words of its error.
macro_rules! limit {
    ($(#[$doc:meta])* $name:ident($number:ty, $inner:ty), $rule:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(untagged, expecting = $rule)]
        pub enum $name {
            /// No limit.
            Without(NoLimit),
            /// What is not to be exceeded.
            At($number),
        }

        impl $name {
            /// The default of the grid file.
            pub(super) const NONE: Self = Self::Without(NoLimit::None);

            /// The number, where there is one.
            pub fn get(self) -> Option<$inner> {
                match self {
                    Self::Without(NoLimit::None) => None,
                    Self::At(most) => Some(most.get()),
                }
            }
        }
    };
}

limit!(
    /// A limit, or none.
    Limit(Positive, f64),
    "it must be \"none\" or a finite number above 0"
);
limit!(
    /// A limit that is a count, or none.
    CountLimit(Count, u32),
    "it must be \"none\" or a whole number from 1 to 1000000"
);
limit!(
    /// A limit that is a share, or none.
    RatioLimit(Ratio, f64),
    "it must be \"none\" or a share above 0 and at most 1"
);

/// How the absence of a limit is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NoLimit {
    /// `none`.
    None,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_limit_is_a_number_above_zero_or_none() {
        let read = |json| serde_json::from_str::<Limit>(json).map_err(|error| error.to_string());
        assert_eq!(read("2").unwrap().get(), Some(2.0));
        assert_eq!(read("\"none\"").unwrap(), Limit::NONE);
        assert_eq!(serde_json::to_string(&Limit::NONE).unwrap(), "\"none\"");
        for wrong in ["0", "-1", "\"None\"", "null", "[]", "\"1\""] {
            let message = read(wrong).unwrap_err();
            assert!(message.contains("\"none\" or a finite number above 0"), "{wrong}: {message}");
        }
    }
}
