//! `forewarn schema`: the JSON Schema of the grid file.

use super::failure::Exit;
use crate::spec;

pub(super) fn run() -> Exit {
    say!("{:#}", spec::schema());
    Exit::Done
}
