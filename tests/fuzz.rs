//! The fuzzing targets of `fuzz/targets.rs`, without a fuzzer: what the corpus keeps, and mutations of it that are the same on
//! every machine. 100,000 inputs; `FUZZ=1000000 cargo test --release --test fuzz` takes as many as one likes.
//!
//! An input that breaks something is written to `target/fuzzing/findings`; put it into `fuzz/corpus` once it is mended.

#[path = "../fuzz/targets.rs"]
mod targets;

use std::collections::BTreeMap;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

const INPUTS: usize = 100_000;

/// Of a hundred inputs so many go to each target, in the order of `targets::ALL`: scenarios take the longest.
const SHARES: [usize; 4] = [15, 25, 20, 40];

/// Of a hundred inputs of each target, at least so many must get through and so many must be refused.
const THROUGH_MIN: usize = 1;

/// How often what is right stands among the inputs that are mutated: most of what a fuzzer keeps is wrong.
const RIGHT_ONES: usize = 20;

/// An input that takes this long hangs.
const HANG: Duration = Duration::from_secs(30);

/// What all inputs together may need, the program's facts and the corpus included.
const PEAK_KIB_MAX: u64 = 400 << 10;

/// Thresholds that are right, also in windows, for mutations.
const THRESHOLDS: [&[u8]; 8] = [
    b"end_to_end{campaign:c}\np(95) < 10s",
    b"delivered\nrate > 94%",
    b"queue_wait{country:XX}\nmed<=500ms",
    b"expired\ncount == 0",
    b"undelivered{code:30007}\nrate != 0.5",
    b"delivered{team:red, service:s}\ncount >= 1e3",
    b"queue_wait\np(99.9)===1h30m",
    b"api_wait\nmax < 90s",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files of folders in the order of their names, so that the n-th mutation is the same everywhere.
fn files(folders: &[&str], ending: &str) -> Vec<Vec<u8>> {
    let mut found = BTreeMap::new();
    for folder in folders {
        for entry in fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}")) {
            let path = entry.expect("readable").path();
            if path.is_file() && path.to_string_lossy().ends_with(ending) {
                found.insert(path.clone(), fs::read(path).expect("readable"));
            }
        }
    }
    found.into_values().collect()
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let mut kept = files(&[&format!("fuzz/corpus/{target}")], "");
    let right = match target {
        "scenario" => {
            kept.extend(files(&["tests/bad"], ".yaml"));
            files(&["scenarios"], ".yaml")
        }
        "threshold" => THRESHOLDS.map(Vec::from).into(),
        _ => Vec::new(),
    };
    kept.extend(std::iter::repeat_n(right, RIGHT_ONES).flatten());
    kept
}

/// The words of `fuzz/words.txt`, in libFuzzer's form.
fn words() -> Vec<Vec<u8>> {
    let text = fs::read_to_string(root().join("fuzz/words.txt")).expect("readable");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| unescaped(line).unwrap_or_else(|| panic!("no word: {line}"))).collect()
}

fn unescaped(line: &str) -> Option<Vec<u8>> {
    let mut bytes = line.strip_prefix('"')?.strip_suffix('"')?.bytes();
    let mut word = Vec::new();
    while let Some(byte) = bytes.next() {
        word.push(match byte {
            b'\\' => match bytes.next()? {
                b'x' => {
                    let digits = [bytes.next()?, bytes.next()?];
                    u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
                }
                escaped @ (b'"' | b'\\') => escaped,
                _ => return None,
            },
            byte => byte,
        });
    }
    Some(word)
}

/// SplitMix64: chance that is the same everywhere.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `bound`, or 0 when that is 0.
    fn below(&mut self, bound: usize) -> usize {
        if bound == 0 { 0 } else { (self.next() % bound as u64) as usize }
    }
}

/// Numbers where things end.
const NUMBERS: [&str; 14] = [
    "0",
    "-1",
    "1",
    "2",
    "64",
    "255",
    "65536",
    "4294967296",
    "9223372036854775807",
    "18446744073709551616",
    "1e308",
    "0.000000001",
    "nan",
    "00",
];

/// One change of an input: bytes, ranges, words, numbers, or a piece of another input.
fn change(input: &mut Vec<u8>, chance: &mut Chance, corpus: &[Vec<u8>], words: &[Vec<u8>]) {
    let at = chance.below(input.len() + 1);
    let upto = (at + 1 + chance.below(32)).min(input.len());
    match chance.below(10) {
        0 if at < input.len() => input[at] ^= 1 << chance.below(8),
        1 if at < input.len() => input[at] = chance.next() as u8,
        2 => drop(input.drain(at.min(upto)..upto)),
        3 => {
            let piece = input[at.min(upto)..upto].to_vec();
            let times = 1 + chance.below(64);
            input.splice(at..at, piece.repeat(times));
        }
        4 => {
            let other = &corpus[chance.below(corpus.len())];
            let from = chance.below(other.len());
            let piece = &other[from..(from + chance.below(256)).min(other.len())];
            input.splice(at..at, piece.iter().copied());
        }
        5 => {
            let other = &corpus[chance.below(corpus.len())];
            input.truncate(at);
            input.extend_from_slice(&other[chance.below(other.len())..]);
        }
        6 => {
            let number = NUMBERS[chance.below(NUMBERS.len())];
            let digit = (at..input.len()).find(|at| input[*at].is_ascii_digit()).unwrap_or(at);
            let end = (digit..input.len()).find(|at| !input[*at].is_ascii_digit()).unwrap_or(input.len());
            input.splice(digit..end, number.bytes());
        }
        7 => {
            let letter = (at..input.len()).find(|at| input[*at].is_ascii_alphabetic()).unwrap_or(at);
            let inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            let end = (letter..input.len()).find(|at| !inside(input[*at])).unwrap_or(input.len());
            input.splice(letter..end, words[chance.below(words.len())].iter().copied());
        }
        _ => drop(input.splice(at..at, words[chance.below(words.len())].iter().copied())),
    }
}

/// The input of this number: the corpus as it is, then mutations of it.
fn input(number: usize, most: usize, corpus: &[Vec<u8>], words: &[Vec<u8>]) -> Vec<u8> {
    let mut input = corpus[number % corpus.len()].clone();
    if number >= corpus.len() {
        let mut chance = Chance(number as u64);
        for _ in 0..=chance.below(4) {
            change(&mut input, &mut chance, corpus, words);
        }
        input.truncate(most);
    }
    input
}

/// What is done with all inputs.
struct Plan {
    corpora: Vec<Vec<Vec<u8>>>,
    words: Vec<Vec<u8>>,
    /// (target, number), the targets mixed so that each thread has some of all.
    inputs: Vec<(usize, usize)>,
    next: AtomicUsize,
    /// What each thread is at.
    at: Vec<Mutex<(usize, usize)>>,
}

impl Plan {
    fn bytes(&self, (target, number): (usize, usize)) -> Vec<u8> {
        input(number, targets::ALL[target].2, &self.corpora[target], &self.words)
    }

    fn keep(&self, which: (usize, usize)) -> String {
        let folder = root().join("target/fuzzing/findings");
        let path: PathBuf = folder.join(format!("{}-{}", targets::ALL[which.0].0, which.1));
        fs::create_dir_all(folder).and_then(|()| fs::write(&path, self.bytes(which))).expect("writable");
        path.display().to_string()
    }
}

fn work(plan: &Plan, thread: usize, told: &mpsc::Sender<(usize, usize, Option<bool>)>) {
    while let Some((target, number)) = plan.inputs.get(plan.next.fetch_add(1, Ordering::Relaxed)).copied() {
        *plan.at[thread].lock().expect("nobody panics with it") = (target, number);
        let bytes = plan.bytes((target, number));
        let through = catch_unwind(|| targets::ALL[target].1(&bytes)).ok();
        if told.send((target, number, through)).is_err() {
            return;
        }
    }
}

/// No panic, no hang, no broken word, in bounded memory; and the inputs are worth it.
#[test]
fn a_hundred_thousand_inputs_break_nothing() {
    let inputs = std::env::var("FUZZ").map_or(INPUTS, |count| count.parse().expect("FUZZ is a number of inputs"));
    let turn: Vec<usize> = (0..4).flat_map(|target| [target].repeat(SHARES[target])).collect();
    let mut numbers = [0; 4];
    let inputs: Vec<(usize, usize)> = (0..inputs)
        .map(|index| {
            // 37 is prime to 100: all targets in turn.
            let target = turn[index * 37 % turn.len()];
            numbers[target] += 1;
            (target, numbers[target] - 1)
        })
        .collect();
    let threads = thread::available_parallelism().map_or(1, |count| count.get().min(8));
    let plan = Arc::new(Plan {
        corpora: targets::ALL.iter().map(|(name, ..)| corpus(name)).collect(),
        words: words(),
        next: AtomicUsize::new(0),
        at: (0..threads).map(|_| Mutex::new((0, 0))).collect(),
        inputs,
    });
    let (told, heard) = mpsc::channel();
    for thread in 0..threads {
        let (plan, told) = (Arc::clone(&plan), told.clone());
        thread::spawn(move || work(&plan, thread, &told));
    }
    drop(told);
    let (mut through, mut broken) = ([0; 4], Vec::new());
    let mut count = 0;
    loop {
        match heard.recv_timeout(HANG) {
            Ok((target, number, ended)) => {
                count += 1;
                match ended {
                    Some(passed) => through[target] += usize::from(passed),
                    None => broken.push(plan.keep((target, number))),
                }
                assert!(broken.len() < 20, "broken by {}", broken.join(", "));
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                let at = plan.at.iter().map(|at| plan.keep(*at.lock().expect("nobody panics with it")));
                panic!("an input hangs, one of {}", at.collect::<Vec<String>>().join(", "));
            }
        }
    }
    assert!(broken.is_empty(), "broken by {}", broken.join(", "));
    assert_eq!(count, plan.inputs.len());
    for (target, (name, ..)) in targets::ALL.iter().enumerate() {
        println!("{name}: {} inputs, {} got through", numbers[target], through[target]);
        let least = numbers[target] * THROUGH_MIN / 100;
        assert!(through[target] >= least, "{name}: only {} of {} got through", through[target], numbers[target]);
        assert!(numbers[target] - through[target] >= least, "{name}: only a few were refused");
    }
    // What the system says of this process; only some systems do.
    if let Ok(status) = fs::read_to_string("/proc/self/status") {
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the peak is told");
        let peak: u64 = line.trim().trim_end_matches("kB").trim().parse().expect("a number");
        println!("peak of memory: {} MiB", peak >> 10);
        assert!(peak < PEAK_KIB_MAX, "{peak} KiB");
    }
}

/// Inputs depend on nothing but their number; otherwise what was found once could not be found again.
#[test]
fn inputs_are_the_same_everywhere() {
    let corpus = [b"time,country\n0,US\n".to_vec(), b"{\"time\": 5}".to_vec()];
    let words = [b"FR".to_vec(), b"delivered".to_vec()];
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for number in 0..1_000 {
        for byte in input(number, 4_096, &corpus, &words) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    assert_eq!(hash, 577_478_400_845_620_666);
}

#[test]
fn the_corpus_is_small() {
    let mut sum = 0;
    for (name, _, most) in targets::ALL {
        let kept = files(&[&format!("fuzz/corpus/{name}")], "");
        assert!(kept.len() >= 20, "{name}: {}", kept.len());
        assert!(kept.iter().all(|input| input.len() <= most), "{name}: an input is longer than {most} bytes");
        sum += kept.iter().map(Vec::len).sum::<usize>();
    }
    assert!(sum < 500_000, "{sum} bytes");
}
