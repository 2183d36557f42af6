//! Tidiness as a test: the order of the modules, a doc on every file, nothing left lying about.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules in the order in which data flows: each may use those before it and none after.
const LAYERS: [&str; 22] = [
    "units",
    "suggestion",
    "kernel",
    "statistics",
    "model",
    "catalogue",
    "trace",
    "scenario",
    "selection",
    "simulation",
    "metrics",
    "fit",
    "experiment",
    "records",
    "explain",
    "verdict",
    "sweep",
    "compare",
    "steady",
    "report",
    "baseline",
    "cli",
];

/// The kernel has never heard of SMS.
const FOREIGN_TO_KERNEL: [&str; 8] = ["sms", "segment", "sender", "carrier", "campaign", "message", "lane", "filter"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("readable") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("UTF-8");
                found.push((path.strip_prefix(root().join("src")).expect("inside").to_owned(), text));
            }
        }
    }
    found.sort();
    found
}

/// The layer of a file: its first folder or its own name.
fn layer(path: &Path) -> Option<usize> {
    let first = path.iter().next()?.to_str()?.trim_end_matches(".rs");
    LAYERS.iter().position(|name| *name == first)
}

/// The text without its tests, which may use anything.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

#[test]
fn data_flows_one_way() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let Some(own) = layer(&path) else { continue };
        for (number, line) in without_tests(&text).lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            let mut rest = line;
            while let Some(at) = rest.find("crate::") {
                rest = &rest[at + "crate::".len()..];
                let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                if let Some(used) = LAYERS.iter().position(|layer| *layer == name)
                    && used > own
                {
                    wrong.push(format!("{}:{}: {} uses {name}", path.display(), number + 1, LAYERS[own]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_modules_are_in_the_list() {
    let text = fs::read_to_string(root().join("src/lib.rs")).expect("readable");
    let declared: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("pub mod ")).map(|name| name.trim_end_matches(';')).collect();
    assert_eq!(declared, LAYERS);
}

#[test]
fn the_kernel_knows_no_sms() {
    for (path, text) in sources() {
        if layer(&path) != LAYERS.iter().position(|layer| *layer == "kernel") {
            continue;
        }
        let code: String = without_tests(&text).lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        for word in FOREIGN_TO_KERNEL {
            assert!(!code.to_lowercase().contains(word), "{} speaks of {word}", path.display());
        }
    }
}

/// Only the command line touches files, the clock and the environment.
#[test]
fn only_the_command_line_touches_the_world() {
    for (path, text) in sources() {
        if layer(&path) == Some(LAYERS.len() - 1) || path == Path::new("main.rs") {
            continue;
        }
        for word in ["std::fs", "std::env::", "std::time::", "std::process"] {
            assert!(!without_tests(&text).contains(word), "{} uses {word}", path.display());
        }
    }
}

#[test]
fn every_file_says_what_it_is() {
    for (path, text) in sources() {
        let is_test = path.to_string_lossy().contains("tests");
        assert!(is_test || text.starts_with("//!"), "{} has no module doc", path.display());
    }
}

#[test]
fn nothing_is_left_lying_about() {
    let marks =
        [["todo", "!("].concat(), ["dbg", "!("].concat(), ["unimplemented", "!("].concat(), ["FIX", "ME"].concat()];
    for (path, text) in sources() {
        for mark in &marks {
            assert!(!text.contains(mark.as_str()), "{} contains {mark}", path.display());
        }
    }
}
