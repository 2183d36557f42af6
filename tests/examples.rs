//! The examples of `--help`, read off the help of every command and typed into a shell in their order.

#![cfg(unix)]

use std::path::Path;
use std::process::{Command, Output, Stdio};

mod support;

use support::Scratch;

const SENDPOOL: &str = env!("CARGO_BIN_EXE_sendpool");

fn help(command: &str) -> String {
    let output = Command::new(SENDPOOL).args([command, "--help"]).output().expect("the program starts");
    assert_eq!(output.status.code(), Some(0), "{command}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The commands that `--help` lists.
fn commands() -> Vec<String> {
    let output = Command::new(SENDPOOL).arg("--help").output().expect("the program starts");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let listed = text.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = listed.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    names.map(str::to_owned).collect()
}

fn typed(folder: &Path, line: &str) -> Output {
    let mut path = Path::new(SENDPOOL).parent().expect("a folder").as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    Command::new("sh")
        .args(["-c", line])
        .current_dir(folder)
        .env_remove("GITHUB_STEP_SUMMARY")
        .env_remove("GITHUB_ACTIONS")
        .env("PATH", path)
        .stdin(Stdio::null())
        .output()
        .expect("there is a shell")
}

#[test]
fn every_example_of_the_help_runs() {
    let scratch = Scratch::new("examples");
    let folder = &scratch.0;
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    std::os::unix::fs::symlink(scenarios, folder.join("scenarios")).expect("a link");
    let mut ran = 0;
    for command in commands() {
        let help = help(&command);
        let lines: Vec<&str> = help.lines().filter_map(|line| line.strip_prefix("  $ ")).collect();
        assert!(!lines.is_empty(), "{command} has no example:\n{help}");
        for line in lines {
            let output = typed(folder, line);
            // A promise may be broken; everything else is told by another code.
            let ended = output.status.code();
            assert!(matches!(ended, Some(0 | 99)), "{line}: {ended:?}\n{}", String::from_utf8_lossy(&output.stderr));
            ran += 1;
        }
    }
    for written in
        ["sent.csv", "fitted.yaml", "baselines/first-send.json", "both.html", "man1/sendpool-baseline-save.1"]
    {
        assert!(folder.join(written).is_file(), "{written} is not there");
    }
    assert!(ran >= 20, "{ran}");
    assert_eq!(typed(folder, "sendpool run scenarios/none.yaml").status.code(), Some(2), "a wrong one is noticed");
}

#[test]
fn manual_pages_have_the_words_of_the_help() {
    let page = |arguments: &[&str]| {
        let output = Command::new(SENDPOOL).arg("man").args(arguments).output().expect("the program starts");
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let whole = page(&[]);
    assert!(whole.contains(".TH sendpool 1"), "{whole}");
    for command in commands() {
        assert!(whole.contains(&format!("sendpool\\-{command}(1)")), "{command}:\n{whole}");
        let page = page(&[&command]);
        let (_, examples) = page.split_once(".SH EXAMPLES\n.nf\n").unwrap_or_else(|| panic!("{command}:\n{page}"));
        let (examples, rest) = examples.split_once("\n.fi\n").expect("what is not filled ends");
        assert!(examples.contains(&format!("  $ sendpool {command}")) && rest.is_empty(), "{command}:\n{examples}");
        assert!(!page.contains("Examples:"), "{command} has them twice");
    }
    let save = page(&["baseline", "save"]);
    assert!(save.contains(".TH sendpool-baseline-save 1") && save.contains("  $ sendpool baseline save "), "{save}");
    let wrong = Command::new(SENDPOOL).args(["man", "fly"]).output().expect("the program starts");
    assert_eq!(wrong.status.code(), Some(2));
}
