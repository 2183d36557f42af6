//! Golden reports: the summary of every shipped scenario, byte for byte, and the digests of its results and of
//! everything that happened; and the pictures of the documentation. `UPDATE_REPORTS=1 cargo test --release --test reports` rewrites them; the review is
//! `git diff reports`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use sendpool::experiment::{self, Progress};
use sendpool::model::Model;
use sendpool::report::pictures::{self, Picture};
use sendpool::report::summary::Summary;
use sendpool::report::terminal;
use sendpool::{report, scenario, verdict};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn names_in(folder: &str, extension: &str) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root().join(folder))
        .expect("the folder is part of the project")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| path.file_stem().expect("a file").to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Charts of shipped scenarios that the documentation shows.
const PICTURES: [(&str, &str); 12] = [
    ("black-friday", "end_to_end"),
    ("black-friday", "rates"),
    ("black-friday", "senders"),
    ("black-friday-naive", "backlog"),
    ("black-friday-naive", "lost_by_country"),
    ("otp-burst", "messages"),
    ("otp-behind-promo", "queue_wait"),
    ("carrier-outage", "lost_by_carrier"),
    ("two-way", "time_spent"),
    ("snowshoe", "receipts"),
    ("snowshoe", "snowshoe"),
    ("forty-countries", "cost"),
];

/// A page can be sent by mail and opened at once.
const PAGE_BYTES_MAX: usize = 500_000;

/// What one scenario gives.
struct Golden {
    report: String,
    screen: String,
    digest: String,
    trajectory: String,
    pictures: Vec<Picture>,
}

fn run(name: &str) -> Golden {
    let file = format!("scenarios/{name}.yaml");
    let bytes = fs::read(root().join(&file)).expect("the scenario is part of the project");
    let reading = scenario::read(&file, bytes, &[]);
    let model = reading.model.as_ref().unwrap_or_else(|| panic!("{}", reading.render(false)));
    let results = experiment::run(model, model.replications, &Progress::default());
    let verdicts = verdict::judge(model, &results);
    let summary = Summary::new(model, &results, &verdicts, &reading.digest);
    let files = report::files(model, &results, &summary);
    let pictures = pictures::of_run(model, &results, &summary);
    let page = report::html::run::page(model, &summary, &pictures, "sendpool run").bytes.len();
    assert!(page < PAGE_BYTES_MAX, "{name}: the page has {page} bytes");
    Golden {
        report: report::markdown::render(&summary),
        screen: screen(name, model, &summary),
        digest: report::digest(&files),
        pictures,
        trajectory: summary.run.trajectory,
    }
}

/// What a terminal shows: one screen of 100 columns, and the same with colours.
fn screen(name: &str, model: &Model, summary: &Summary) -> String {
    let show = |color| terminal::render(model, summary, terminal::Style { color }, terminal::LINES);
    let text = show(false);
    assert!(text.lines().count() <= terminal::LINES, "{name}: more than a screen\n{text}");
    assert!(text.lines().all(|line| line.chars().count() <= terminal::COLUMNS), "{name}: too wide\n{text}");
    let colored = show(true);
    let mut plain = String::new();
    for part in colored.split('\u{1b}') {
        let code_ends =
            if plain.is_empty() && !part.starts_with('[') { 0 } else { part.find('m').map_or(0, |at| at + 1) };
        plain.push_str(&part[code_ends..]);
    }
    assert_eq!(plain, text, "{name}: colours change more than colours");
    text
}

#[test]
fn every_scenario_gives_its_report() {
    let update = std::env::var_os("UPDATE_REPORTS").is_some();
    let mut digests = String::from(
        "# scenario, digest of the results (the run folder without charts, page and run.json), digest of the trajectory\n",
    );
    for name in names_in("scenarios", "yaml") {
        let golden = run(&name);
        let _ = writeln!(digests, "{name} {} {}", golden.digest, golden.trajectory);
        compare(&format!("reports/{name}.md"), &golden.report, update);
        if name == "black-friday" {
            the_readme_shows(&golden.screen);
        }
        for (_, chart) in PICTURES.iter().filter(|(scenario, _)| *scenario == name) {
            let picture = golden.pictures.iter().find(|picture| picture.name == *chart).expect("the chart is drawn");
            compare(&format!("docs/images/{name}-{chart}.svg"), &picture.chart.svg(), update);
        }
    }
    compare("reports/digests.txt", &digests, update);
}

/// The README's first screen is a part of the real one; `...` stands for what is left out.
fn the_readme_shows(screen: &str) {
    let readme = fs::read_to_string(root().join("README.md")).expect("the README is part of the project");
    let shown = readme.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a screen");
    for line in shown.lines().filter(|line| line.trim() != "...") {
        assert!(screen.lines().any(|real| real == line), "the README shows\n{line}\nbut the screen is\n{screen}");
    }
}

/// Holds a file of the project against what it should be, or rewrites it.
fn compare(file: &str, current: &str, update: bool) {
    let path = root().join(file);
    if update {
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
        fs::write(&path, current).expect("the file can be written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == current, "{file} has moved; see the head of this test\n{}", first_difference(&kept, current));
}

fn first_difference(expected: &str, found: &str) -> String {
    let pairs = expected.lines().zip(found.lines()).enumerate();
    pairs
        .filter(|(_, (old, new))| old != new)
        .map(|(line, (old, new))| format!("line {}:\n- {old}\n+ {new}", line + 1))
        .next()
        .unwrap_or_else(|| "one is longer than the other".to_owned())
}

/// The gallery shows every picture there is, and none that is gone.
#[test]
fn the_gallery_shows_all_pictures() {
    // While pictures are drawn, new ones may still be missing.
    if std::env::var_os("UPDATE_REPORTS").is_some() {
        return;
    }
    let gallery = fs::read_to_string(root().join("docs/gallery.md")).expect("the gallery is part of the project");
    let mut shown: Vec<&str> = gallery.split("](images/").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    shown.sort_unstable();
    let names = |extension: &str| -> Vec<String> {
        names_in("docs/images", extension).into_iter().map(|name| format!("{name}.{extension}")).collect()
    };
    let mut drawn = [names("svg"), names("png")].concat();
    drawn.sort();
    assert_eq!(shown, drawn);
}

#[test]
fn every_report_has_its_scenario() {
    // While reports are written, those of new scenarios may still be missing.
    if std::env::var_os("UPDATE_REPORTS").is_some() {
        return;
    }
    assert_eq!(names_in("reports", "md"), names_in("scenarios", "yaml"));
}

/// The schema in the repository is the one that the types give, and every scenario names it in its first line.
#[test]
fn the_schema_is_current_and_named() {
    let mut current = serde_json::to_string_pretty(&scenario::schema()).expect("plain data");
    current.push('\n');
    compare("schema/scenario.json", &current, std::env::var_os("UPDATE_REPORTS").is_some());
    for name in names_in("scenarios", "yaml") {
        let text = fs::read_to_string(root().join(format!("scenarios/{name}.yaml"))).expect("readable");
        assert!(text.starts_with("# yaml-language-server: $schema=../schema/scenario.json\n"), "{name}");
    }
}
