//! The best model as files: `model.safetensors` with the names of the equivalent
//! `torch.nn.Sequential`, and `model.json` with everything else that prediction needs.

mod description;
mod safetensors;

use std::path::{Path, PathBuf};

pub use description::{Description, Module, Provenance};

use crate::network::Weights;
use crate::record::{RecordError, write_atomically};

/// A network with its preparation.
#[derive(Debug, Clone)]
pub struct Model {
    /// The contents of model.json.
    pub description: Description,
    /// The contents of model.safetensors.
    pub weights: Weights,
}

/// Why a model cannot be loaded or saved.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// There is no model.
    #[error(
        "{}: no model here: name a run's folder or its best/ folder, which holds model.json and \
         model.safetensors", path.display()
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

impl Model {
    /// Writes both files into `folder`, which is made if need be.
    ///
    /// # Errors
    /// [`ModelError`].
    pub fn save(&self, folder: &Path) -> Result<(), ModelError> {
        std::fs::create_dir_all(folder).map_err(RecordError::at(folder))?;
        let modules = &self.description.modules;
        safetensors::write(&folder.join("model.safetensors"), modules, &self.weights)?;
        write_atomically(&folder.join("model.json"), |out| {
            serde_json::to_writer_pretty(&mut *out, &self.description)?;
            out.write_all(b"\n")
        })?;
        Ok(())
    }

    /// Reads a model from its folder, or from the folder of its run.
    ///
    /// # Errors
    /// [`ModelError`] names the file and what is wrong with it.
    pub fn load(path: &Path) -> Result<Self, ModelError> {
        let folders = [path.to_owned(), path.join("best")];
        let folder = folders.into_iter().find(|folder| folder.join("model.json").is_file());
        let folder = folder.ok_or_else(|| ModelError::NotFound { path: path.to_owned() })?;
        let description = Description::read(&folder.join("model.json"))?;
        let file = folder.join("model.safetensors");
        let weights = safetensors::read(&file, &description.modules, &description.architecture)?;
        Ok(Self { description, weights })
    }
}
