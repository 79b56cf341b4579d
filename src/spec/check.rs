//! The checks that need more than one value of the grid file.

use std::path::{Path, PathBuf};

use super::SpecError;
use super::check_grid::check_grid;
use super::check_steps::check_steps;
use super::database_url::DatabaseUrl;
use super::grid_file::{Data, GridFile, Source, Sql};
use super::position::position;
use super::split::{By, Split};

/// A grid file that passed every check.
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    /// The file's values.
    pub file: GridFile,
    /// Where relative paths start: the grid file's folder.
    pub folder: PathBuf,
    path: PathBuf,
    text: String,
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

    /// The grid file as a user knows it, with the line and column of a key's value: `grid.json:7:5`.
    pub fn place(&self, key: &str) -> String {
        let (line, column) = position(&self.text, key);
        format!("{}:{line}:{column}", self.path.display())
    }

    /// What is wrong with the value of a key, found later than here.
    pub fn wrong(&self, key: &str, problem: &str) -> SpecError {
        SpecError::at(&self.path, &self.text, key, format!("{key}: {problem}"))
    }
}

/// What is wrong: the key to change, and how.
pub(super) type Problem = (String, String);

/// A problem of a key.
pub(super) fn problem<T>(key: &str, problem: impl Into<String>) -> Result<T, Problem> {
    Err((key.to_owned(), problem.into()))
}

/// Whether the values of a grid file fit together.
pub(super) fn check(path: &Path, text: &str, file: GridFile) -> Result<Study, SpecError> {
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let mut study = Study { file, folder, path: path.to_owned(), text: text.to_owned() };
    let file = &study.file;
    let checked = check_name(&file.name)
        .and_then(|()| check_data(&file.data))
        .and_then(|()| check_split(&file.split, &file.data))
        .and_then(|()| check_model(file))
        .and_then(|()| check_steps(file))
        .and_then(|()| check_grid(file));
    match checked {
        Ok(()) => {
            study.file.fill_in();
            Ok(study)
        }
        Err((key, problem)) => Err(study.wrong(&key, &problem)),
    }
}

fn check_name(name: &str) -> Result<(), Problem> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
        let rule = "it names a folder: use letters, digits, `-`, `_` and `.`, not first";
        return problem("name", rule);
    }
    Ok(())
}

fn check_data(data: &Data) -> Result<(), Problem> {
    let tables = data.tables.iter().map(|(name, one)| (format!("data.tables.{name}"), one));
    for (key, source) in tables.chain([("data.source".to_owned(), &data.source)]) {
        if matches!(source, Source::Sql(sql) if sql.query.trim().is_empty()) {
            return problem(&format!("{key}.sql.query"), "it is empty: write SELECT …");
        }
    }
    for (key, column) in [("data.group", &data.group), ("data.time", &data.time)] {
        if column.as_ref() == Some(&data.target) {
            return problem(key, "it is the target: name another column in one of them");
        }
    }
    if data.drop.contains(&data.target) {
        return problem("data.drop", "it holds the target");
    }
    if data.features.iter().flatten().any(|name| *name == data.target) {
        return problem("data.features", "they hold the target");
    }
    Ok(())
}

/// Whether the split has what it needs.
fn check_split(split: &Split, data: &Data) -> Result<(), Problem> {
    let (by, gap) = match split {
        Split::Shares(shares) => {
            let sum = shares.train.get() + shares.valid.get() + shares.test.get();
            if (sum - 1.0).abs() > 1e-9 {
                return problem("split.shares", format!("they add up to {sum:.4}, not to 1"));
            }
            ("split.shares.by", "split.shares.gap")
        }
        Split::Folds(folds) if folds.count.get() < 2 => {
            return problem("split.folds.count", "two folds are the least");
        }
        Split::Folds(_) => ("split.folds.by", "split.folds.gap"),
    };
    let named = |column: &Option<String>, kind, example| match column {
        None => problem(
            by,
            format!(
                "{kind:?} needs data.{kind}: name the column there, such as \"{kind}\": {example:?}"
            ),
        ),
        Some(_) => Ok(()),
    };
    match split.by() {
        By::Group => named(&data.group, "group", "machineID")?,
        By::Time => named(&data.time, "time", "datetime")?,
        By::Stratified | By::Random => {}
    }
    if split.gap().is_some() && split.by() != By::Time {
        return problem(
            gap,
            "it needs \"by\": \"time\": write that beside it, or take the gap out",
        );
    }
    Ok(())
}

/// Whether the final models can be made.
fn check_model(file: &GridFile) -> Result<(), Problem> {
    if !file.model.bagged {
        return Ok(());
    }
    let why = match &file.split {
        _ if file.model.refit => {
            "a trial's model is the mean of its fold models or one that is fitted anew: take \"refit\" or \
             \"bagged\" out"
        }
        Split::Shares(_) => {
            "it is the mean of a trial's models on folds: write \"split\": {\"folds\": {\"count\": 5}}, or \
             take it out"
        }
        Split::Folds(folds) if folds.by == By::Time => {
            "folds in time order train on more and more of the past, so the first models have seen little of \
             it: take \"refit\" instead"
        }
        Split::Folds(_) => return Ok(()),
    };
    problem("model.bagged", why)
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
