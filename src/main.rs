//! The command `forewarn`.

use clap::Parser;
use forewarn::cli::Cli;
use forewarn::commands;

fn main() -> std::process::ExitCode {
    commands::run(Cli::parse())
}
