//! Gives the program a fingerprint of its sources, `SENDPOOL_SOURCES`: replications that one build kept are not mixed with
//! those of another that counts differently under the same version number. Same sources, same fingerprint, on any machine.

use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    let mut files = vec![PathBuf::from("Cargo.lock"), PathBuf::from("Cargo.toml")];
    collect(Path::new("src"), &mut files);
    files.sort();
    // FNV-1a of 64 bits: to notice differences, not to resist anybody.
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    let mut add = |bytes: &[u8]| {
        // A checkout may have other ends of lines.
        for byte in bytes.iter().filter(|byte| **byte != b'\r') {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    };
    for file in &files {
        // A package that is built from elsewhere has no lock file.
        let Ok(bytes) = fs::read(file) else { continue };
        add(file.to_string_lossy().replace('\\', "/").as_bytes());
        add(&[0]);
        add(&bytes);
    }
    println!("cargo::rustc-env=SENDPOOL_SOURCES={hash:016x}");
    for watched in ["build.rs", "Cargo.lock", "Cargo.toml", "src"] {
        println!("cargo::rerun-if-changed={watched}");
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).expect("the sources are readable");
    for path in entries.map(|entry| entry.expect("the sources are readable").path()) {
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}
