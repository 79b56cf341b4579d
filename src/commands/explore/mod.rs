//! `forewarn explore`: a first look at a table.

mod layout;
mod parts;

use super::check_vacant;
use super::failure::{Exit, Failure};
use crate::cli::Explore;
use crate::data::Table;
use crate::explore::{Exploration, Options, explore, render_page};
use crate::plural::counted;
use crate::record::{RecordError, write_atomically};

/// Width of the text where no terminal says its own.
const WIDTH: usize = 100;

pub(super) fn run(arguments: &Explore) -> Result<Exit, Failure> {
    let page = arguments.out.as_ref().map(|folder| folder.join("explore.html"));
    if let Some(page) = &page {
        check_vacant(page, arguments.overwrite)?;
    }
    let table = Table::load(&arguments.file)?;
    let options = Options {
        target: arguments.target.as_deref(),
        time: arguments.time.as_deref(),
        group: arguments.group.as_deref(),
        time_format: arguments.time_format.as_deref(),
    };
    let found = explore(&table, &options)?;
    print(&found);
    if let Some(page) = page {
        let text = render_page(&found)?;
        let folder = page.parent().unwrap_or(&page);
        std::fs::create_dir_all(folder).map_err(RecordError::at(folder))?;
        write_atomically(&page, |out| out.write_all(text.as_bytes()))?;
        say!("\nwrote   {}", page.display());
    }
    Ok(Exit::Done)
}

fn print(found: &Exploration) {
    let width = width();
    let columns = found.columns.len();
    let bytes = bytesize::ByteSize(found.bytes as u64).display().si();
    let (rows, columns) = (counted(found.rows, "row"), counted(columns, "column"));
    say!("table   {}: {rows} x {columns}, {bytes} in memory", found.source);
    for repair in &found.repairs {
        say!("note    {repair}");
    }
    for part in parts::all(found) {
        say!("");
        for line in part.grid.iter().flat_map(|grid| grid.lines(width)) {
            say!("{line}");
        }
        if let Some(line) = part.line {
            say!("{line}");
        }
    }
    if !found.warnings.is_empty() {
        say!("");
    }
    for warning in &found.warnings {
        say!("warning {warning}");
    }
}

/// The terminal's width, or that of the variable COLUMNS.
fn width() -> usize {
    let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let seen = || console::Term::stdout().size_checked().map(|(_, columns)| usize::from(columns));
    told.or_else(seen).unwrap_or(WIDTH)
}
