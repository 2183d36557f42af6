//! `sendpool man`: manual pages, made of the same words as `--help`.

use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::{Args, Command};
use clap_mangen::Man;

use super::{Exit, Failure, examples, print, say, whole};

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
    let mut root = examples::command().disable_help_subcommand(true);
    // Names the pages as the commands are typed: sendpool-baseline-save.
    root.build();
    if let Some(folder) = &args.out_dir {
        let shown = folder.display();
        fs::create_dir_all(folder)
            .and_then(|()| write_all(&root, folder))
            .map_err(|error| Failure::internal(format!("cannot write manual pages to {shown}: {error}")))?;
        say(&format!("manual pages written to {shown}"));
        return Ok(Exit::Passed);
    }
    let mut command = &root;
    for name in args.command.iter().flat_map(|words| words.split_whitespace()) {
        command = command
            .find_subcommand(name)
            .ok_or_else(|| Failure::usage(format!("there is no command `{name}`: see sendpool --help")))?;
    }
    print(&String::from_utf8_lossy(&page(command)))?;
    Ok(Exit::Passed)
}

/// The pages of a command and of those below it.
fn write_all(command: &Command, folder: &Path) -> io::Result<()> {
    for below in command.get_subcommands() {
        write_all(below, folder)?;
    }
    let man = Man::new(command.clone());
    whole::write(&folder.join(man.get_filename()), &page(command))
}

/// All sections of a page. Examples are as they are typed: neither filled nor hyphenated.
fn page(command: &Command) -> Vec<u8> {
    let typed = command.get_bin_name().unwrap_or_default().replace('-', " ");
    let examples = examples::lines(typed.strip_prefix("sendpool").unwrap_or_default().trim_start());
    let man = Man::new(command.clone().after_help(None::<&str>));
    let mut page = Vec::new();
    man.render(&mut page).expect("memory takes all bytes");
    if !examples.is_empty() {
        let text = examples.join("\n").replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
        page.extend_from_slice(format!(".SH EXAMPLES\n.nf\n{text}\n.fi\n").as_bytes());
    }
    page
}
