//! `sendpool man`: manual pages, made of the same words as `--help`.

use std::path::PathBuf;

use clap::Args;
use clap_mangen::Man;

use super::{Exit, Failure, examples, print, say};

#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// The command whose page is printed, such as run or "baseline save"; none is the page of sendpool itself
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
    /// Writes the pages of all commands into a folder instead
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    out_dir: Option<PathBuf>,
}

pub(super) fn man(args: &ManArgs) -> Result<Exit, Failure> {
    let mut whole = examples::command();
    if let Some(folder) = &args.out_dir {
        let shown = folder.display();
        std::fs::create_dir_all(folder)
            .and_then(|()| clap_mangen::generate_to(whole, folder))
            .map_err(|error| Failure::internal(format!("cannot write manual pages to {shown}: {error}")))?;
        say(&format!("manual pages written to {shown}"));
        return Ok(Exit::Passed);
    }
    // Names the pages as the commands are typed: sendpool-baseline-save.
    whole.build();
    let mut command = &whole;
    for name in args.command.iter().flat_map(|words| words.split_whitespace()) {
        command = command
            .find_subcommand(name)
            .ok_or_else(|| Failure::usage(format!("there is no command `{name}`: see sendpool --help")))?;
    }
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page).expect("memory takes all bytes");
    print(&String::from_utf8_lossy(&page))?;
    Ok(Exit::Passed)
}
