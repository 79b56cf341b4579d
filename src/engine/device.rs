//! Which device the user asks for.

use std::fmt;
use std::str::FromStr;

/// `auto`, `cpu`, `cuda` or `cuda:0,1`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// Every CUDA device that is there, or else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// Every CUDA device; an error when there is none.
    Cuda,
    /// The CUDA devices of these numbers.
    CudaDevices(Vec<usize>),
}

impl FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no device: write auto, cpu, cuda or cuda:0,1");
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda),
            _ => {
                let list = text.strip_prefix("cuda:").ok_or_else(wrong)?;
                let mut numbers: Vec<usize> = Vec::new();
                for number in list.split(',') {
                    let number = number.trim().parse().map_err(|_| wrong())?;
                    if !numbers.contains(&number) {
                        numbers.push(number);
                    }
                }
                Ok(Self::CudaDevices(numbers))
            }
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => formatter.write_str("auto"),
            Self::Cpu => formatter.write_str("cpu"),
            Self::Cuda => formatter.write_str("cuda"),
            Self::CudaDevices(numbers) => {
                let list: Vec<String> = numbers.iter().map(ToString::to_string).collect();
                write!(formatter, "cuda:{}", list.join(","))
            }
        }
    }
}

/// A device that was asked for does not exist.
#[derive(Debug, thiserror::Error)]
#[error("{asked} is not available: {reason}; devices: {available}")]
pub struct DeviceError {
    /// What was asked for.
    pub asked: String,
    /// Why it is not available.
    pub reason: String,
    /// The devices that are there.
    pub available: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_reads_back_as_it_prints() {
        for text in ["auto", "cpu", "cuda", "cuda:0", "cuda:1,0"] {
            assert_eq!(
                text.parse::<DeviceChoice>().map(|choice| choice.to_string()),
                Ok(text.into())
            );
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "gpu", "cuda:", "cuda:x", "cuda0", "cuda:-1"] {
            assert!(text.parse::<DeviceChoice>().is_err(), "{text}");
        }
    }
}
