//! The files next to model.json: one of tensors for all members, and one of text for each that is text.

use std::path::{Path, PathBuf};

use safetensors::SafeTensors;

use super::safetensors::{TensorFile, find, write};
use super::{Description, ModelError, unusable};
use crate::families::{Fitted, ModelFile, Stored};
use crate::record::{RecordError, is_model_text, write_atomically};

/// The file of tensors.
const TENSORS: &str = "model.safetensors";

/// The most bytes of a file that is read: an empty one can claim any size.
const MOST_BYTES: u64 = 1 << 30;

/// Room for the header of the file.
const HEADER: u64 = 16 << 20;

/// Writes the files of models, each with its prefix of names.
pub(super) fn save(folder: &Path, members: &[(String, &Fitted)]) -> Result<(), ModelError> {
    let (mut tensors, mut texts) = (Vec::new(), Vec::new());
    for (prefix, fitted) in members {
        let named = |tensor: Stored| Stored { name: format!("{prefix}{}", tensor.name), ..tensor };
        tensors.extend(fitted.tensors().map_err(unusable(folder))?.into_iter().map(named));
        if let Some((name, text)) = fitted.text() {
            // That of an ensemble's member begins with its place.
            let path = folder.join(format!("{prefix}{name}"));
            write_atomically(&path, |out| out.write_all(text.as_bytes()))?;
            texts.push(path);
        }
    }
    let bytes: usize = tensors.iter().map(|tensor| tensor.numbers.bytes()).sum();
    if bytes as u64 > MOST_BYTES - HEADER {
        let reason = format!(
            "the model takes {bytes} bytes, more than the {MOST_BYTES} that are read again: take a smaller \
             one, such as fewer trees, a max_depth or fewer rows"
        );
        return Err(unusable(&folder.join(TENSORS))(reason));
    }
    if !tensors.is_empty() {
        write(&folder.join(TENSORS), &tensors)?;
    }
    // An earlier model may have had others.
    for entry in std::fs::read_dir(folder).map_err(RecordError::at(folder))?.flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let is_text = is_model_text(&name);
        let is_left = is_text && !texts.contains(&path) || name == TENSORS && tensors.is_empty();
        if is_left {
            std::fs::remove_file(&path).map_err(RecordError::at(path))?;
        }
    }
    Ok(())
}

/// Reads the models that are described, each with its prefix of names; `place` gives
/// the path of a file that may be read, up to that many bytes.
pub(super) fn load(
    described: &[(String, &Description)],
    place: &dyn Fn(&str, u64) -> Result<PathBuf, ModelError>,
) -> Result<Vec<Fitted>, ModelError> {
    let of_tensors = described.iter().filter(|(_, one)| Fitted::text_name(one.family).is_none());
    let most = of_tensors.map(|(_, one)| one.shape.most_bytes()).reduce(u64::saturating_add);
    let most = most.map(|most| most.min(MOST_BYTES));
    let file = most.map(|most| TensorFile::read(place(TENSORS, most)?)).transpose()?;
    let tensors = file.as_ref().map(TensorFile::tensors).transpose()?;
    let model = |(prefix, description): &(String, &Description)| {
        let Description { family, shape, inputs, classes, .. } = *description;
        let path = match (&file, Fitted::text_name(*family)) {
            (_, Some(name)) => place(&format!("{prefix}{name}"), MOST_BYTES)?,
            (Some(file), None) => file.path().to_owned(),
            (None, None) => place(TENSORS, MOST_BYTES)?,
        };
        let files = Files { prefix, path: &path, tensors: tensors.as_ref() };
        let fitted = Fitted::of(*family, shape, (inputs.len(), classes.len()), &files);
        fitted.map_err(unusable(&path))
    };
    described.iter().map(model).collect()
}

/// The files of one of the models.
struct Files<'a> {
    prefix: &'a str,
    /// The path of its own file.
    path: &'a Path,
    tensors: Option<&'a SafeTensors<'a>>,
}

impl ModelFile for Files<'_> {
    fn tensor(&self, name: &str) -> Result<Stored, String> {
        let tensors = self.tensors.ok_or("there is no file of tensors")?;
        find(tensors, format!("{}{name}", self.prefix))
    }

    fn text(&self) -> Result<String, String> {
        std::fs::read_to_string(self.path).map_err(|error| error.to_string())
    }
}
