//! Examples of every command: one table, from which `--help` and the manual pages are made. `tests/examples.rs` runs them
//! all, in this order, from a folder beside which `scenarios/` lies.

use clap::{Command, CommandFactory};

use super::Cli;

/// A command, what is typed behind `sendpool`, and what it is for. Later ones may use what earlier ones wrote.
const EXAMPLES: &[(&str, &str, &str)] = &[
    ("run", "run scenarios/first-send.yaml", "one screen, and a folder with everything else"),
    (
        "run",
        "run scenarios/otp-burst.yaml --set 'services.login.senders[0].mps=150/s' --replications 4 --seed 7",
        "with other values than the file has",
    ),
    ("run", "run scenarios/first-send.yaml --records sent.csv --quiet", "one record a message, in the platform's form"),
    ("run", "run scenarios/first-send.yaml --shard 1/2 --out-dir shards", "the first half, for another machine"),
    ("run", "run scenarios/first-send.yaml --shard 2/2 --out-dir shards", "the second half"),
    ("validate", "validate scenarios/first-send.yaml scenarios/otp-burst.yaml", "everything that is wrong or unwise"),
    ("validate", "validate scenarios/first-send.yaml --format sarif", "the same for code scanning"),
    (
        "sweep",
        "sweep scenarios/first-send.yaml --vary 'services.hello.senders[0].mps=30/min,60/min,90/min'",
        "one table and one chart over three rates",
    ),
    (
        "compare",
        "compare scenarios/otp-burst.yaml --with 'services.login.senders[0].mps=150/s' --replications 4",
        "a design against the baseline, on the same arrivals and people",
    ),
    ("steady", "steady scenarios/otp-burst.yaml --warm-up 2m --replications 4", "waits without the first two minutes"),
    ("merge", "merge shards --force", "the shards that `run --shard` wrote, to the bytes of one run"),
    ("baseline save", "baseline save scenarios/first-send.yaml", "keeps baselines/first-send.json"),
    ("baseline check", "baseline check scenarios/first-send.yaml", "what moved since; exit code 96 when anything did"),
    ("baseline update", "baseline update scenarios/first-send.yaml", "keeps what the run gives now instead"),
    ("baseline list", "baseline list", "what is kept"),
    ("report", "report runs/first-send-* runs/otp-burst-* --output both.html", "one page of two runs that are there"),
    ("explain", "explain scenarios/first-send.yaml --campaign greeting --message 9", "the life of the tenth message"),
    ("explain", "explain scenarios/first-send.yaml --slowest 3", "the lives of the slowest three"),
    ("catalogue", "catalogue --region europe", "the countries of a part of the world"),
    ("catalogue", "catalogue CA", "all that is known of one, with sources"),
    ("catalogue", "catalogue --defaults --json", "what holds everywhere, for programs"),
    (
        "fit",
        "fit sent.csv --zone America/New_York --out fitted.yaml",
        "a scenario made of a log, such as `run --records` writes",
    ),
    ("fit", "fit sent.csv --compare", "a run of that scenario beside the log"),
    ("schema", "schema", "for an editor that completes and checks scenarios"),
    ("completions", "completions bash", "to be sourced by the shell, or put among its completions"),
    ("man", "man run", "one manual page; `sendpool man run | man -l -` shows it"),
    ("man", "man --out-dir man1", "all pages as files: sendpool.1, sendpool-run.1 and so on"),
];

/// The command line with its examples in place.
pub(super) fn command() -> Command {
    with_examples(Cli::command(), "")
}

/// A command and those below it, with examples; `path` is how it is typed behind `sendpool`.
fn with_examples(command: Command, path: &str) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    let command = match &lines(path)[..] {
        [] => command,
        lines => command.after_help(format!("Examples:\n{}", lines.join("\n"))),
    };
    names.into_iter().fold(command, |command, name| {
        let path = if path.is_empty() { name.clone() } else { format!("{path} {name}") };
        command.mut_subcommand(name, |below| with_examples(below, &path))
    })
}

/// The examples of a command and of those below it, two lines each; of the whole program none.
pub(super) fn lines(path: &str) -> Vec<String> {
    let is_of = |of: &str| of.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    let examples = EXAMPLES.iter().filter(|(of, ..)| is_of(of));
    examples.flat_map(|(_, typed, purpose)| [format!("  # {purpose}"), format!("  $ sendpool {typed}")]).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::FromArgMatches;

    use super::*;

    /// Words as a shell makes them, of what the examples use of it: blanks and single quotes.
    fn shell_words(line: &str) -> Vec<String> {
        let pieces = line.split('\'').enumerate();
        let mut words = vec![String::new()];
        for (index, piece) in pieces {
            if index % 2 == 1 {
                words.last_mut().expect("there is one").push_str(piece);
                continue;
            }
            let mut parts = piece.split(' ');
            words.last_mut().expect("there is one").push_str(parts.next().expect("there is one"));
            words.extend(parts.map(str::to_owned));
        }
        words
    }

    #[test]
    fn every_example_parses_as_its_command() {
        for (name, typed, _) in EXAMPLES {
            let words = shell_words(&format!("sendpool {typed}"));
            let matches = command().try_get_matches_from(words).unwrap_or_else(|error| panic!("{typed}: {error}"));
            let below = matches.subcommand().and_then(|(_, below)| below.subcommand_name());
            let found: Vec<&str> = matches.subcommand_name().into_iter().chain(below).collect();
            assert_eq!(found.join(" "), *name, "{typed}");
            Cli::from_arg_matches(&matches).unwrap_or_else(|error| panic!("{typed}: {error}"));
        }
        assert!(command().try_get_matches_from(shell_words("sendpool run --no-such 'a b'")).is_err());
    }

    #[test]
    fn every_command_has_an_example() {
        fn leaves(command: &Command, path: &str, into: &mut BTreeSet<String>) {
            if command.get_subcommands().next().is_none() {
                into.insert(path.trim_start().to_owned());
            }
            command.get_subcommands().for_each(|below| leaves(below, &format!("{path} {}", below.get_name()), into));
        }
        let of: BTreeSet<String> = EXAMPLES.iter().map(|(name, ..)| (*name).to_owned()).collect();
        let mut commands = BTreeSet::new();
        leaves(&command(), "", &mut commands);
        assert_eq!(of, commands);
    }

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }
}
