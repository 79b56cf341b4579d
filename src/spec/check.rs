//! The checks that need more than one value of the grid file.

use std::path::{Path, PathBuf};

use super::SpecError;
use super::database_url::DatabaseUrl;
use super::grid_file::{Data, GridFile, Source, Sql};
use super::optimizers::Optimizer;
use super::split::{By, Split};
use super::steps::Step;

/// A grid file that passed every check.
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    /// The file's values.
    pub file: GridFile,
    /// Where relative paths start: the grid file's folder.
    pub folder: PathBuf,
}

impl Study {
    /// Where a file of the grid file lies.
    pub fn path(&self, file: &str) -> PathBuf {
        resolve(&self.folder, file)
    }

    /// The database of a query; an `SQLite` file's path likewise.
    pub fn database(&self, sql: &Sql) -> DatabaseUrl {
        sql.url.clone().with_sqlite_path(|file| resolve(&self.folder, file))
    }
}

pub(super) fn check(path: &Path, file: GridFile) -> Result<Study, SpecError> {
    let inconsistent =
        |key, problem: String| Err(SpecError::Inconsistent { path: path.to_owned(), key, problem });
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if file.name.is_empty() || file.name.starts_with('.') || !file.name.chars().all(plain) {
        let problem = "it names a folder: use letters, digits, `-`, `_` and `.`, not first";
        return inconsistent("name", problem.to_owned());
    }
    if let Err((key, problem)) = check_split(&file.split, &file.data) {
        return inconsistent(key, problem);
    }
    let sources = file.data.tables.values().chain([&file.data.source]);
    let is_empty = |one: &Source| matches!(one, Source::Sql(sql) if sql.query.trim().is_empty());
    if sources.into_iter().any(is_empty) {
        return inconsistent("data.source.sql.query", "it is empty: write SELECT …".to_owned());
    }
    if let Err(problem) = check_order(&file.steps) {
        return inconsistent("steps", problem);
    }
    let sgd = &file.fixed.sgd;
    let uses_sgd = file.grid.optimizer.values().contains(&Optimizer::Sgd);
    if uses_sgd && sgd.nesterov && sgd.momentum.get() == 0.0 {
        return inconsistent("fixed.sgd.nesterov", "it asks for a momentum above 0".to_owned());
    }
    if file.data.drop.contains(&file.data.target) {
        return inconsistent("data.drop", "it holds the target".to_owned());
    }
    let features = file.data.features.as_deref().unwrap_or_default();
    if features.contains(&file.data.target) {
        return inconsistent("data.features", "they hold the target".to_owned());
    }
    if file.data.features.is_some() && features.is_empty() && file.steps.is_empty() {
        return inconsistent("data.features", "the list is empty: name a column".to_owned());
    }
    Ok(Study { file, folder: path.parent().unwrap_or(Path::new("")).to_owned() })
}

/// Whether the split has what it needs; else the key to change, and how.
fn check_split(split: &Split, data: &Data) -> Result<(), (&'static str, String)> {
    let (by, gap) = match split {
        Split::Shares(shares) => {
            let sum = shares.train.get() + shares.valid.get() + shares.test.get();
            if (sum - 1.0).abs() > 1e-9 {
                return Err(("split.shares", format!("they add up to {sum:.4}, not to 1")));
            }
            ("split.shares.by", "split.shares.gap")
        }
        Split::Folds(folds) if folds.count.get() < 2 => {
            return Err(("split.folds.count", "two folds are the least".to_owned()));
        }
        Split::Folds(_) => ("split.folds.by", "split.folds.gap"),
    };
    let named = |column: &Option<String>, key, kind, example| match column {
        None => Err((
            by,
            format!("{kind:?} needs {key}: name the column there, such as \"{kind}\": {example:?}"),
        )),
        Some(column) if *column == data.target => Err((key, "it is the target".to_owned())),
        Some(_) => Ok(()),
    };
    match split.by() {
        By::Group => named(&data.group, "data.group", "group", "machineID")?,
        By::Time => named(&data.time, "data.time", "time", "datetime")?,
        By::Stratified | By::Random => {}
    }
    if split.gap().is_some() && split.by() != By::Time {
        let problem = "it needs \"by\": \"time\": write that beside it, or take the gap out";
        return Err((gap, problem.to_owned()));
    }
    Ok(())
}

/// Whether the steps can be done in the order in which they stand.
fn check_order(steps: &[Step]) -> Result<(), String> {
    let (mut split, mut made, mut labelled) = (None, None, false);
    for (place, step) in steps.iter().enumerate() {
        let name = step.name();
        if let (true, Some((first, fitted))) = (step.changes_rows(), split) {
            return Err(format!(
                "steps[{place}] ({name}) changes which rows there are, so it must stand before \
                 steps[{first}] ({fitted}), which takes figures from the train rows"
            ));
        }
        if let (true, Some((first, balance))) = (step.looks_at_other_rows(), made) {
            return Err(format!(
                "steps[{place}] ({name}) looks at other rows, and the rows that steps[{first}] \
                 ({balance}) makes have none before them: put it before"
            ));
        }
        if matches!(step, Step::Label(_)) && std::mem::replace(&mut labelled, true) {
            return Err(format!("steps[{place}] is a second label: one target is all"));
        }
        if let Step::Clip(clip) = step {
            let empty = clip.lower.zip(clip.upper).is_some_and(|(lower, upper)| lower > upper);
            if empty || (clip.lower.is_none() && clip.upper.is_none()) {
                return Err(format!(
                    "steps[{place}] (clip) needs a lower bound, or an upper one above it"
                ));
            }
        }
        if step.needs_split() && split.is_none() {
            split = Some((place, name));
        }
        if matches!(step, Step::Balance(_)) && made.is_none() {
            made = Some((place, name));
        }
    }
    Ok(())
}

/// The path of `file` seen from `folder`, without the detour of `grids/../data`.
fn resolve(folder: &Path, file: impl AsRef<Path>) -> PathBuf {
    let (mut folder, mut file) = (folder, file.as_ref());
    // `..` below a link leads elsewhere than to the link's parent.
    while let (Ok(rest), Some(parent)) = (file.strip_prefix(".."), folder.parent()) {
        if folder.file_name().is_none() || folder.is_symlink() {
            break;
        }
        (folder, file) = (parent, rest);
    }
    folder.join(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_path_starts_at_the_folder_of_the_grid_file() {
        let from = |folder: &str, file: &str| resolve(Path::new(folder), file);
        assert_eq!(from("grids", "../data/x.csv"), Path::new("data/x.csv"));
        assert_eq!(from("/a/b", "../../x.csv"), Path::new("/x.csv"));
        assert_eq!(from("", "../x.csv"), Path::new("../x.csv"));
        assert_eq!(from("..", "../x.csv"), Path::new("../../x.csv"));
        assert_eq!(from("grids", "/x.csv"), Path::new("/x.csv"));
    }
}
