//! model.safetensors: named tensors, of one model or of several.

use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensorError, SafeTensors, TensorView};

use super::ModelError;
use crate::families::{Numbers, Stored};
use crate::record::{RecordError, write_atomically};

/// Writes tensors; the file appears whole or not at all.
pub(super) fn write(path: &Path, tensors: &[Stored]) -> Result<(), RecordError> {
    let other = |error: SafeTensorError| std::io::Error::other(error.to_string());
    let encode = || {
        let bytes: Vec<Vec<u8>> = tensors.iter().map(|tensor| bytes(&tensor.numbers)).collect();
        let views = tensors.iter().zip(&bytes).map(|(tensor, bytes)| {
            let view = TensorView::new(dtype(&tensor.numbers), tensor.shape.clone(), bytes);
            view.map(|view| (tensor.name.as_str(), view))
        });
        safetensors::serialize(views.collect::<Result<Vec<_>, _>>()?, None)
    };
    let bytes = encode().map_err(other).map_err(RecordError::at(path))?;
    write_atomically(path, |out| out.write_all(&bytes))
}

fn dtype(numbers: &Numbers) -> Dtype {
    match numbers {
        Numbers::F32(_) => Dtype::F32,
        Numbers::F64(_) => Dtype::F64,
        Numbers::U8(_) => Dtype::U8,
        Numbers::I32(_) => Dtype::I32,
        Numbers::U32(_) => Dtype::U32,
        Numbers::I64(_) => Dtype::I64,
    }
}

fn bytes(numbers: &Numbers) -> Vec<u8> {
    match numbers {
        Numbers::F32(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        Numbers::F64(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        Numbers::U8(values) => values.clone(),
        Numbers::U32(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        Numbers::I32(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        Numbers::I64(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
    }
}

/// The bytes of a file of tensors.
pub(super) struct TensorFile {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl TensorFile {
    /// Reads a file whose size is known to be bounded.
    pub fn read(path: PathBuf) -> Result<Self, ModelError> {
        let bytes = std::fs::read(&path).map_err(super::unusable(&path))?;
        Ok(Self { path, bytes })
    }

    /// Its place.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The tensors in it.
    pub fn tensors(&self) -> Result<SafeTensors<'_>, ModelError> {
        SafeTensors::deserialize(&self.bytes).map_err(super::unusable(&self.path))
    }
}

/// The tensor of a name.
pub(super) fn find(tensors: &SafeTensors<'_>, name: String) -> Result<Stored, String> {
    let found = tensors.tensor(&name).map_err(|_| format!("it holds no {name}"))?;
    let numbers = match found.dtype() {
        Dtype::F32 => Numbers::F32(each(found.data(), f32::from_le_bytes)),
        Dtype::F64 => Numbers::F64(each(found.data(), f64::from_le_bytes)),
        Dtype::U8 => Numbers::U8(found.data().to_vec()),
        Dtype::I32 => Numbers::I32(each(found.data(), i32::from_le_bytes)),
        Dtype::U32 => Numbers::U32(each(found.data(), u32::from_le_bytes)),
        Dtype::I64 => Numbers::I64(each(found.data(), i64::from_le_bytes)),
        other => return Err(format!("{name} holds {other:?}, which no model has")),
    };
    Ok(Stored { shape: found.shape().to_vec(), name, numbers })
}

fn each<const BYTES: usize, T>(bytes: &[u8], number: fn([u8; BYTES]) -> T) -> Vec<T> {
    bytes.as_chunks::<BYTES>().0.iter().map(|bytes| number(*bytes)).collect()
}
