//! Numbers in JSON that come back bit for bit.

use serde::{Deserialize, Serialize};

/// A float that is written as text: the shortest that reads back as the same number, and `NaN` and
/// `inf`, which JSON has no numbers for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(super) struct Exact(pub f64);

impl From<Exact> for String {
    fn from(number: Exact) -> Self {
        number.0.to_string()
    }
}

impl TryFrom<String> for Exact {
    type Error = std::num::ParseFloatError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_number_comes_back_bit_for_bit(number in any::<f64>()) {
            let text = serde_json::to_string(&Exact(number)).unwrap();
            let back: Exact = serde_json::from_str(&text).unwrap();
            prop_assert!(back.0.to_bits() == number.to_bits() || (back.0.is_nan() && number.is_nan()));
        }
    }
}
