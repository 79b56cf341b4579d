//! The best model as files: `model.safetensors` with the names of the equivalent
//! `torch.nn.Sequential`, and `model.json` with everything else that prediction needs.

mod description;
mod ranges;
mod safetensors;

use std::path::{Path, PathBuf};

pub use description::{Description, Module, Provenance};
pub use ranges::Ranges;

use crate::foreign::{MOST_JSON, readable};
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
        let there = |name: &&str| path.join(name).symlink_metadata().is_ok();
        let name = ["model.json", "best/model.json"].into_iter().find(there);
        let name = name.ok_or_else(|| ModelError::NotFound { path: path.to_owned() })?;
        let place = |name: &str, most: u64| {
            readable(path, name, most).map_err(|error| ModelError::Unusable {
                path: path.join(name),
                reason: error.to_string(),
            })
        };
        let description = Description::read(&place(name, MOST_JSON)?)?;
        let architecture = &description.architecture;
        let name = name.replace("model.json", "model.safetensors");
        let file = place(&name, safetensors::most_bytes(architecture))?;
        let weights = safetensors::read(&file, &description.modules, architecture)?;
        Ok(Self { description, weights })
    }
}
