//! `forewarn compare`: runs or configurations side by side, and which differences are more than noise.

mod families;

use super::check_vacant;
use super::failure::{Exit, Failure};
use crate::cli::Compare;
use crate::examples::Part;
use crate::record::{RecordError, write_atomically};
use crate::report::{Comparison, Side, SideName};

pub(super) fn run(arguments: &Compare) -> Result<Exit, Failure> {
    let names: Vec<SideName> =
        arguments.sides.iter().map(|side| SideName::from(side.as_str())).collect();
    let page = arguments.out.as_ref().map(|folder| folder.join("compare.html"));
    if let Some(page) = &page {
        check_vacant(page, arguments.overwrite)?;
    }
    let comparison = Comparison::of(&names)?;
    let [first, others @ ..] = comparison.sides.as_slice() else { return Ok(Exit::Done) };
    if others.is_empty() {
        let text = format!(
            "{} has one variant: name a second run, or two of its trials as in {}:3 {}:7",
            first.name,
            names[0].run.display(),
            names[0].run.display()
        );
        return Err(Failure::new(Exit::Usage, text));
    }
    print(&comparison, first);
    if let Some(page) = page {
        let text = comparison.render_page()?;
        let folder = page.parent().unwrap_or(&page);
        std::fs::create_dir_all(folder).map_err(RecordError::at(folder))?;
        write_atomically(&page, |out| out.write_all(text.as_bytes()))?;
        say!("\nwrote   {}", page.display());
    }
    Ok(Exit::Done)
}

fn print(comparison: &Comparison, first: &Side) {
    let width = comparison.sides.iter().map(|side| side.name.chars().count()).max().unwrap_or(0);
    say!("{:width$}  trials, and hyperparameters other than those of {}", "", first.name);
    for side in &comparison.sides {
        let trials: Vec<String> = side.trials.iter().map(ToString::to_string).collect();
        let differing = comparison.differing(side);
        let told: Vec<String> = std::iter::once(trials.join(", ")).chain(differing).collect();
        say!("{:width$}  {}", side.name, told.join("; "));
    }
    let judged = comparison.judged();
    let train_to = format!("train-{}", judged.name());
    for (score, title) in comparison.titles().enumerate() {
        say!("");
        say!(
            "{title}\n{:width$}  {:>8}{:>9}{:>9}{train_to:>12}  {} less that of {}",
            "",
            "train",
            "valid",
            "test",
            judged.name(),
            first.name
        );
        for (place, side) in comparison.sides.iter().enumerate() {
            let [train, valid, test] = Part::ALL.map(|part| side.mean(part, score));
            let apart = match place {
                0 => None,
                _ => comparison.difference(side, judged, score),
            };
            let apart = apart.map(|apart| format!("  {apart}")).unwrap_or_default();
            let gap = train - side.mean(judged, score);
            let test = if test.is_nan() { "-".to_owned() } else { format!("{test:.4}") };
            say!("{:width$}  {train:8.4}{valid:9.4}{test:>9}{gap:+12.4}{apart}", side.name);
        }
    }
    for run in &comparison.families {
        families::print(run, judged);
    }
    say!("");
    for note in comparison.notes() {
        say!("note: {note}");
    }
}
