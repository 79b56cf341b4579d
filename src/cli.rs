//! The command line.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytesize::ByteSize;
use clap::{Args, Parser, Subcommand};

use crate::data::TableFormat;
use crate::engine::EngineChoice;
use crate::engine::device::DeviceChoice;

const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    a trial failed, or something unforeseen
  2    the command line is wrong
  3    the grid file is wrong
  4    the data or the model is wrong
  5    an output cannot be written, or already exists
  6    the device, or the library of a family, is not available
  7    no trial finished: all of them diverged or failed, or the budget was too small for one
  130  stopped by Ctrl-C; what was whole is kept, and --resume goes on";

const SOURCES: &str = "\
A file (CSV, Parquet, book.xlsx#Sheet, or .gz of them) or a database: mysql://user@host/db,
mariadb://…, postgres://…, sqlite:FILE; its password is taken from FOREWARN_DB_PASSWORD";

/// Hyperparameter sweeps of models for predictive maintenance.
#[derive(Debug, Parser)]
#[command(version, after_help = EXIT_CODES, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train every combination of a grid and rank them
    Sweep(Sweep),
    /// Retrain a trial of a run, to the same bytes, and save its model
    Model(Model),
    /// Evaluate a model on a table that holds the target
    Evaluate(Evaluate),
    /// Predict classes and probabilities for the rows of a table
    Predict(Predict),
    /// Measure the permutation importance of each feature, on a table that holds the target
    Importance(Importance),
    /// Read a table from a file or a database, and write it as CSV or Parquet
    Ingest(Ingest),
    /// Redraw the plots and the page of a run from its files
    Report(Report),
    /// Compare runs, variants or trials, and show which differences are more than noise
    Compare(Compare),
    /// Describe a table: its columns, correlations, outliers and leaks
    Explore(Explore),
    /// Make a synthetic table by a published process
    #[command(subcommand, subcommand_value_name = "ai4i|motor|fleet")]
    Synth(Synth),
    /// Print the JSON Schema of the grid file
    Schema,
}

/// Arguments of `sweep`.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools)] // each is a switch of its own
pub struct Sweep {
    /// The grid file
    pub grid: PathBuf,
    /// Train on this file (CSV, Parquet, book.xlsx#Sheet, or .gz of them) instead of the grid file's
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    /// Read this file instead of a table of the grid file's data.tables
    #[arg(long = "table", value_name = "NAME=FILE", value_parser = named_file)]
    pub tables: Vec<(String, PathBuf)>,
    /// Folder of the run [default: outputs/ and the name of the grid]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Train on: auto, cpu, cuda, or cuda:0,1
    #[arg(long, default_value = "auto")]
    pub device: DeviceChoice,
    /// Train with: native (the CPU), torch (libtorch on any device), or auto: native on the CPU
    #[arg(long, value_enum, default_value_t)]
    pub engine: EngineChoice,
    /// Worker threads on the CPU [default: one a core]; results do not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// Seed of the run instead of the grid file's
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Replace the run that the folder holds
    #[arg(long)]
    pub overwrite: bool,
    /// Resume the run that the folder holds (the same grid, table, seed, engine), or begin one
    #[arg(long, conflicts_with = "overwrite")]
    pub resume: bool,
    /// Stop after this time (90s, 10m, 1h30m) and rank what has ended; --resume continues
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub time_budget: Option<Duration>,
    /// Train only this many of the missing trials now, in whole networks and packs; --resume continues
    #[arg(long, value_name = "N")]
    pub max_trials: Option<NonZeroUsize>,
    /// Take no more memory than this (500MB, 8GB, 8GiB); on CUDA, of each device for networks
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub memory: Option<ByteSize>,
    /// Train a grid of more than 10,000 trials without asking
    #[arg(long)]
    pub yes: bool,
    /// Print only errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// Arguments of `model`.
#[derive(Debug, Args)]
pub struct Model {
    /// A run's folder and the number of one of its trials, such as outputs/families:7
    #[arg(value_name = "RUN:TRIAL", value_parser = trial)]
    pub trial: (PathBuf, usize),
    /// The file that the run was trained on, where it has moved
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    /// A table of the run's data.tables, where it has moved
    #[arg(long = "table", value_name = "NAME=FILE", value_parser = named_file)]
    pub tables: Vec<(String, PathBuf)>,
    /// Write the model into this folder
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Replace the model that the folder holds
    #[arg(long)]
    pub overwrite: bool,
}

/// A run and the number of a trial.
fn trial(text: &str) -> Result<(PathBuf, usize), String> {
    let parts = text.rsplit_once(':').filter(|(run, _)| !run.is_empty());
    let parts = parts.and_then(|(run, number)| Some((PathBuf::from(run), number.parse().ok()?)));
    parts.ok_or_else(|| {
        "it must be a run's folder, a colon and a trial's number: outputs/ai4i:7".to_owned()
    })
}

/// Arguments of `evaluate`.
#[derive(Debug, Args)]
pub struct Evaluate {
    /// A run's folder, or its best/, ensemble/ or stacked/ folder
    pub model: PathBuf,
    /// The file to evaluate on: CSV, Parquet, book.xlsx#Sheet, or .gz of them
    #[arg(long, value_name = "FILE")]
    pub data: PathBuf,
    /// An auxiliary table that the model's steps read, by its name in the grid file's data.tables
    #[arg(long = "table", value_name = "NAME=FILE", value_parser = named_file)]
    pub tables: Vec<(String, PathBuf)>,
    /// Write the metrics here as JSON
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long)]
    pub overwrite: bool,
}

/// Arguments of `predict`.
#[derive(Debug, Args)]
pub struct Predict {
    /// A run's folder, or its best/, ensemble/ or stacked/ folder
    pub model: PathBuf,
    /// The file to predict: CSV, Parquet, book.xlsx#Sheet, or .gz of them
    #[arg(long, value_name = "FILE")]
    pub data: PathBuf,
    /// An auxiliary table that the model's steps read, by its name in the grid file's data.tables
    #[arg(long = "table", value_name = "NAME=FILE", value_parser = named_file)]
    pub tables: Vec<(String, PathBuf)>,
    /// The CSV file to write
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    pub overwrite: bool,
}

/// Arguments of `importance`.
#[derive(Debug, Args)]
pub struct Importance {
    /// A run's folder, or its best/, ensemble/ or stacked/ folder
    pub model: PathBuf,
    /// The file to evaluate on: CSV, Parquet, book.xlsx#Sheet, or .gz of them
    #[arg(long, value_name = "FILE")]
    pub data: PathBuf,
    /// An auxiliary table that the model's steps read, by its name in the grid file's data.tables
    #[arg(long = "table", value_name = "NAME=FILE", value_parser = named_file)]
    pub tables: Vec<(String, PathBuf)>,
    /// How often each feature is shuffled
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub repeats: u16,
    /// Write the importances here as CSV
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long)]
    pub overwrite: bool,
}

/// Arguments of `ingest`.
#[derive(Debug, Args)]
pub struct Ingest {
    /// A file or a database
    #[arg(help = SOURCES)]
    pub source: String,
    /// The rows to take from a database
    #[arg(long, value_name = "SQL")]
    pub query: Option<String>,
    /// The file to write, .csv, .csv.gz or .parquet, or - for CSV on the standard output
    #[arg(long, value_name = "FILE", value_parser = table_file)]
    pub out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    pub overwrite: bool,
}

/// Arguments of `report`.
#[derive(Debug, Args)]
pub struct Report {
    /// A run's folder
    pub run: PathBuf,
}

/// Arguments of `compare`.
#[derive(Debug, Args)]
pub struct Compare {
    /// What to compare with the first: RUN (the best of it), RUN:TRIAL or RUN:VARIANT; of one RUN
    /// alone, its variants
    #[arg(required = true, value_name = "RUN[:PART]")]
    pub sides: Vec<String>,
    /// Write a page with the curves of all sides, compare.html, into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace the page that the folder holds
    #[arg(long)]
    pub overwrite: bool,
}

/// Arguments of `explore`.
#[derive(Debug, Args)]
pub struct Explore {
    /// The table
    pub file: PathBuf,
    /// The column to predict: a class, or a quantity
    #[arg(long, value_name = "COLUMN")]
    pub target: Option<String>,
    /// The column of times [default: the first column that reads as times, or is of --time-format]
    #[arg(long, value_name = "COLUMN")]
    pub time: Option<String>,
    /// The column of groups, such as machines: steps, gaps and order of times are computed within them
    #[arg(long, value_name = "COLUMN")]
    pub group: Option<String>,
    /// Format of the times, such as "%m/%d/%y %H:%M" [default: ISO 8601, or else the usual one that fits]
    #[arg(long, value_name = "FORMAT")]
    pub time_format: Option<String>,
    /// Write a page with plots, explore.html, into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace the page that the folder holds
    #[arg(long)]
    pub overwrite: bool,
}

/// The processes of `synth`.
#[derive(Debug, Subcommand)]
pub enum Synth {
    /// A milling machine with six failure classes, after AI4I 2020
    Ai4i(SynthTable),
    /// A motor that fails by a rule with noise
    Motor(SynthTable),
    /// Machines with telemetry, errors, maintenance and failures: five tables, after Azure's
    Fleet(SynthFleet),
}

/// Arguments of a process that makes one table.
#[derive(Debug, Args)]
pub struct SynthTable {
    /// Number of rows
    #[arg(long, default_value_t = 10_000, value_parser = rows)]
    pub rows: usize,
    /// Seed of the random numbers
    #[arg(long, default_value_t = 42)]
    pub seed: u64,
    /// The CSV file to write, or - for the standard output
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    pub overwrite: bool,
}

/// Arguments of `synth fleet`.
#[derive(Debug, Args)]
pub struct SynthFleet {
    /// Number of machines
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..))]
    pub machines: u16,
    /// Days of hourly telemetry
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..))]
    pub days: u16,
    /// Seed of the random numbers
    #[arg(long, default_value_t = 42)]
    pub seed: u64,
    /// The folder to write the five CSV files to; it is created if it does not exist
    #[arg(long, value_name = "DIR", value_parser = folder)]
    pub out: PathBuf,
    /// Replace the files if they exist
    #[arg(long)]
    pub overwrite: bool,
}

fn named_file(text: &str) -> Result<(String, PathBuf), String> {
    let named = text.split_once('=').filter(|(name, file)| !name.is_empty() && !file.is_empty());
    let (name, file) = named.ok_or("write NAME=FILE, such as errors=errors.csv")?;
    Ok((name.to_owned(), PathBuf::from(file)))
}

fn time(text: &str) -> Result<Duration, String> {
    // M would be months, which nobody means.
    let time = humantime::parse_duration(text).ok().filter(|_| !text.contains('M'));
    time.ok_or_else(|| "it is not a time: write 90s, 10m or 1h30m".to_owned())
}

fn size(text: &str) -> Result<ByteSize, String> {
    let wrong = "it is no size: write 500MB, 8GB or 8GiB";
    // A bare number would be bytes, which nobody means.
    let unit = text.ends_with(|last: char| last.is_ascii_alphabetic());
    text.parse().ok().filter(|_| unit).ok_or_else(|| wrong.to_owned())
}

fn table_file(text: &str) -> Result<PathBuf, String> {
    let wrong = || "its end must say what to write: .csv, .csv.gz or .parquet".to_owned();
    TableFormat::of(Path::new(text)).map(|_| PathBuf::from(text)).ok_or_else(wrong)
}

fn rows(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("a table has at least 1 row".to_owned()),
        Ok(rows) => Ok(rows),
        Err(_) => Err("it is no count of rows".to_owned()),
    }
}

fn folder(text: &str) -> Result<PathBuf, String> {
    match text {
        "-" => Err("five tables need a folder".to_owned()),
        folder => Ok(folder.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_need_their_units() {
        for text in ["90s", "10m", "1h30m", "1h 30m"] {
            assert!(time(text).is_ok(), "{text}");
        }
        for text in ["10", "10M", "-5s", "", "soon"] {
            assert!(time(text).is_err(), "{text}");
        }
        assert_eq!(size("8GB"), Ok(ByteSize::gb(8)));
        assert_eq!(size("1.5 GiB"), Ok(ByteSize::mib(1536)));
        for text in ["8", "0", "-5GB", "", "GB", "banana"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
