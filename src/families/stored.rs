//! Models as named tensors: what `model.safetensors` holds.

/// A tensor of a model's file.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// Its name.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its numbers, the last dimension running fastest.
    pub numbers: Numbers,
}

/// The numbers of a tensor.
#[derive(Debug, Clone, PartialEq)]
pub enum Numbers {
    /// 32-bit floats.
    F32(Vec<f32>),
    /// 64-bit floats.
    F64(Vec<f64>),
    /// Bytes.
    U8(Vec<u8>),
    /// 32-bit integers.
    I32(Vec<i32>),
    /// 32-bit integers without a sign.
    U32(Vec<u32>),
    /// 64-bit integers.
    I64(Vec<i64>),
}

impl Numbers {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::F64(values) => values.len(),
            Self::U8(values) => values.len(),
            Self::I32(values) => values.len(),
            Self::U32(values) => values.len(),
            Self::I64(values) => values.len(),
        }
    }

    /// How many bytes they take.
    pub fn bytes(&self) -> usize {
        let each = match self {
            Self::U8(_) => 1,
            Self::F32(_) | Self::I32(_) | Self::U32(_) => 4,
            Self::F64(_) | Self::I64(_) => 8,
        };
        each * self.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A model's file: its tensors by name, or its text.
pub trait ModelFile {
    /// Takes a tensor; an error where there is none of that name.
    ///
    /// # Errors
    /// What is wrong, without the file's name.
    fn tensor(&self, name: &str) -> Result<Stored, String>;

    /// Takes the text of a model that is one.
    ///
    /// # Errors
    /// What is wrong, without the file's name.
    fn text(&self) -> Result<String, String>;
}

/// Takes a tensor's numbers out of it.
macro_rules! take {
    ($($(#[$doc:meta])* $name:ident $kind:ident $number:ty, $words:literal;)+) => {
        impl Stored {
            $($(#[$doc])*
            ///
            /// # Errors
            /// What the tensor is instead.
            pub fn $name(self, shape: &[usize]) -> Result<Vec<$number>, String> {
                match self.numbers {
                    Numbers::$kind(values) if self.shape == shape => Ok(values),
                    _ => Err(self.is_not($words, shape)),
                }
            })+
        }
    };
}

take! {
    /// The numbers as 32-bit floats of a shape.
    f32 F32 f32, "32-bit floats";
    /// The numbers as 64-bit floats of a shape.
    f64 F64 f64, "64-bit floats";
    /// The numbers as bytes of a shape.
    u8 U8 u8, "bytes";
    /// The numbers as 32-bit integers of a shape.
    i32 I32 i32, "32-bit integers";
    /// The numbers as 32-bit integers without a sign of a shape.
    u32 U32 u32, "32-bit integers without a sign";
    /// The numbers as 64-bit integers of a shape.
    i64 I64 i64, "64-bit integers";
}

impl Stored {
    /// A vector.
    pub fn vector(name: &str, numbers: Numbers) -> Self {
        let shape = vec![numbers.len()];
        Self { name: name.to_owned(), shape, numbers }
    }

    fn is_not(&self, wanted: &str, shape: &[usize]) -> String {
        let kind = match &self.numbers {
            Numbers::F32(_) => "32-bit floats",
            Numbers::F64(_) => "64-bit floats",
            Numbers::U8(_) => "bytes",
            Numbers::I32(_) => "32-bit integers",
            Numbers::U32(_) => "32-bit integers without a sign",
            Numbers::I64(_) => "64-bit integers",
        };
        format!("{} holds {kind} {:?}, not {wanted} {shape:?}", self.name, self.shape)
    }
}
