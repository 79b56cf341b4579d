//! Models as files: `model.safetensors`, of a network with the names of the equivalent
//! `torch.nn.Sequential`, and `model.json` with everything else that prediction needs; with an embedding
//! `network.py`, its module in PyTorch.

mod description;
mod ensemble;
mod files;
mod ranges;
mod safetensors;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub use description::{Description, Provenance};
pub use ensemble::{Ensemble, Member};
pub use ranges::Ranges;

use crate::families::Fitted;
use crate::record::{RecordError, write_atomically};

/// The file of the modules that `torch.nn` lacks.
const CODE: &str = "network.py";

/// Its contents.
const NETWORK: &str = include_str!("network.py");

/// A model with its preparation.
#[derive(Debug, Clone)]
pub struct Model {
    /// The contents of model.json.
    pub description: Description,
    /// The contents of its own file.
    pub fitted: Fitted,
}

/// Why a model cannot be loaded or saved.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// There is no model.
    #[error(
        "{}: no model here: name a run's folder or its best/ folder, which holds model.json and the \
         model's own file", path.display()
    )]
    NotFound {
        /// The folder.
        path: PathBuf,
    },
    /// A file of the model cannot be used.
    #[error("{}: {reason}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A file cannot be written.
    #[error(transparent)]
    Record(#[from] RecordError),
}

fn unusable<E: ToString>(path: &Path) -> impl Fn(E) -> ModelError {
    let path: PathBuf = path.to_owned();
    move |error| ModelError::Unusable { path: path.clone(), reason: error.to_string() }
}

/// Writes the Python module that the networks of `folder` need, or removes an earlier one.
fn save_code(folder: &Path, is_needed: bool) -> Result<(), ModelError> {
    let code = folder.join(CODE);
    if is_needed {
        write_atomically(&code, |out| out.write_all(NETWORK.as_bytes()))?;
    } else if let Err(error) = std::fs::remove_file(&code)
        && error.kind() != ErrorKind::NotFound
    {
        return Err(RecordError::at(code)(error).into());
    }
    Ok(())
}

/// Python runs the file at `code`: it may hold only what saving would have written.
fn check_code(code: &Path) -> Result<(), ModelError> {
    if code.exists() && !std::fs::read(code).is_ok_and(|text| text == NETWORK.as_bytes()) {
        let reason = "it is not the Python that belongs to a model: remove it".to_owned();
        return Err(ModelError::Unusable { path: code.to_owned(), reason });
    }
    Ok(())
}
