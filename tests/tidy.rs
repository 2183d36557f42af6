//! Tidiness as a test: the order of the modules, a doc on every file, nothing left lying about; where packages come from and
//! that all are used; how much of the code is not safe.

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

/// The text without what stands behind `//` on each line.
fn without_comments(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<&str>>().join("\n")
}

/// Whether `word` stands in the text by itself, not as a part of a longer one.
fn count_word(text: &str, word: &str) -> usize {
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let alone = |at: &usize| {
        !text[..*at].chars().next_back().is_some_and(inside)
            && !text[at + word.len()..].chars().next().is_some_and(inside)
    };
    text.match_indices(word).map(|(at, _)| at).filter(alone).count()
}

/// All Rust files of these folders and those below, with their paths from the root.
fn rust_files(folders: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut left: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(fs::read_dir(path).expect("readable").map(|entry| entry.expect("readable").path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("UTF-8");
            found.push((path.strip_prefix(root()).expect("inside").to_owned(), text));
        }
    }
    found.sort();
    found
}

/// Two calls of what was compiled for instructions that the processor was asked for, and a hint that reads nothing.
#[test]
fn code_that_is_not_safe_is_three_places_in_one_file() {
    let word = ["un", "safe"].concat();
    let counts: Vec<(PathBuf, usize)> = rust_files(&["src", "tests", "benches", "fuzz", "build.rs"])
        .into_iter()
        .map(|(path, text)| (path, count_word(&without_comments(&text), &word)))
        .filter(|(_, count)| *count > 0)
        .collect();
    assert_eq!(counts, [(PathBuf::from("src/kernel/wide.rs"), 3)]);
    assert_eq!(count_word(&format!("{word} {{}} an_{word} {word}_code ({word})"), &word), 2, "it can count");
}

/// What several packages ask for in different versions, and who asks for the older: each costs build time, and goes when its
/// reason does.
const SEVERAL_VERSIONS: [(&str, &str); 5] = [
    ("embedded-io", "postcard asks for both"),
    ("getrandom", "uuid, const-random, rand"),
    ("miniz_oxide", "png and flate2"),
    ("r-efi", "getrandom, on UEFI alone"),
    ("syn", "macros of packages that were not moved to 3"),
];

/// Every package is from the registry, with a checksum; only the known ones are there in several versions.
#[test]
fn packages_come_from_one_place_and_in_one_version() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).expect("readable");
    let field = |package: &str, name: &str| {
        let line = package.lines().find_map(|line| line.strip_prefix(&format!("{name} = \"")));
        line.map(|value| value.trim_end_matches('"').to_owned())
    };
    let mut names = Vec::new();
    for package in lock.split("[[package]]").skip(1) {
        let name = field(package, "name").expect("a package has a name");
        match field(package, "source") {
            None => assert!(name.starts_with("sendpool"), "{name} comes from a folder"),
            Some(source) => {
                assert_eq!(source, "registry+https://github.com/rust-lang/crates.io-index", "{name}");
                assert!(field(package, "checksum").is_some(), "{name} has no checksum");
            }
        }
        names.push(name);
    }
    assert!(names.len() > 150 && names.is_sorted(), "Cargo.lock is read");
    let mut several: Vec<&str> =
        names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].as_str()).collect();
    several.dedup();
    assert_eq!(several, SEVERAL_VERSIONS.map(|(name, _)| name));
}

/// Whether code names a package, by a path that begins with it (`csv::Reader`, `::csv::Reader`) or by `use csv;` and its like. A
/// variable, a field, a module of that name or a word of a text is no use of it, nor is the same name further down a path.
fn names_package(code: &str, package: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let begins = |at: usize| {
        let before = code[..at].trim_end();
        match before.strip_suffix("::") {
            // `::csv::Reader`, but not `format::csv::Reader`, whether the path goes on from a name or from brackets.
            Some(path) => !path.trim_end().ends_with(|c: char| inside(c) || c == '>'),
            None => !code[..at].ends_with(|c: char| inside(c) || c == '.'),
        }
    };
    let imported = |at: usize| {
        code[..at]
            .trim_end()
            .strip_suffix("use")
            .is_some_and(|before| at > before.len() + 3 && !before.ends_with(inside))
    };
    // Where a module of that name is declared, the name is the module's.
    let declared = code.contains(&format!("mod {package};")) || code.contains(&format!("mod {package} "));
    !declared
        && code.match_indices(package).any(|(at, _)| {
            let rest = &code[at + package.len()..];
            let whole = !rest.starts_with(inside);
            let behind = rest.trim_start();
            let alone = behind.starts_with(';') || behind.starts_with("as ");
            whole && begins(at) && (behind.starts_with("::") || (alone && imported(at)))
        })
}

#[test]
fn a_word_is_no_use_of_a_package() {
    for code in [
        "let csv = 1; png(csv); self.csv::<u8>();",
        "pub mod csv;\nuse crate::report::csv::Reader;",
        "mod csv;\nfn f() { csv::write() }",
        "use super::csv;",
        "let path = format!(\"{csv}.csv\");",
        "struct S { csv: bool, not_csv: bool }",
        "not_csv::Reader::new(); csv_core::Reader::new();",
        "let abuse = 1; abuse csv; Vec::<u8>::csv::x",
    ] {
        assert!(!names_package(code, "csv"), "{code}");
    }
    for code in [
        "use csv::Reader;",
        "use csv;",
        "use csv as comma;",
        "pub use csv::{Reader, Writer};",
        "csv::Reader::from_reader(x)",
        "let x: Option<csv::Error> = None;",
        "<::csv::Error as E>::f()",
        "#[derive(csv::Thing)]",
        "use {\n    csv::Reader,\n};",
    ] {
        assert!(names_package(code, "csv"), "{code}");
    }
}

/// Every dependency is named by the code of its package: by what is shipped, if it is not for tests alone.
#[test]
fn every_dependency_is_used() {
    let mut unused = Vec::new();
    let mut seen = 0;
    for (manifest, folders, test_folders) in [
        ("Cargo.toml", &["src"][..], &["src", "tests"][..]),
        ("benches/Cargo.toml", &["benches"], &["benches"]),
        ("fuzz/Cargo.toml", &["fuzz"], &["fuzz"]),
    ] {
        let text = fs::read_to_string(root().join(manifest)).expect("readable");
        let mut section = "";
        for line in text.lines() {
            if line.starts_with('[') {
                section = line;
            } else if let Some((name, _)) = line.split_once(" = ")
                && section.contains("dependencies]")
            {
                let tests_too = section.contains("dev-");
                let files = rust_files(if tests_too { test_folders } else { folders });
                let mut code =
                    files.iter().map(|(_, text)| without_comments(if tests_too { text } else { without_tests(text) }));
                seen += 1;
                if !code.any(|code| names_package(&code, &name.replace('-', "_"))) {
                    unused.push(format!("{manifest}: {name}"));
                }
            }
        }
    }
    assert!(seen > 30, "{seen} dependencies are seen");
    assert_eq!(unused, Vec::<String>::new(), "no code names these");
}

/// The oldest Rust is said in one place, and the README says the same; `.ci/run` builds with it.
#[test]
fn the_oldest_rust_is_what_the_readme_says() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("readable");
    let oldest =
        manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).expect("it is said").trim_matches('"');
    let readme = fs::read_to_string(root().join("README.md")).expect("readable");
    assert!(readme.contains(&format!("[Rust](https://www.rust-lang.org/tools/install) {oldest} or newer")), "{oldest}");
}
