//! Results for other programs: nobody gets them who does not ask, they are the same however a run came about, and the
//! dashboard asks for what is there. What other languages' libraries read in them is in `tests/peer/exports.py`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const SCENARIO: &str = r#"
version: 1
name: exported
replications: 4
services:
  shop:
    senders:
      - { id: "sc, \"x\"", type: short_code, country: US }
      - { id: ca, type: long_code, country: CA, count: 2 }
campaigns:
  "Sale, 50 %":
    service: shop
    body: "Sale"
    recipients: { US: 0.8, CA: 0.2 }
    tags: { team: growth }
    arrivals: { process: poisson, phases: [{ duration: 2m, arrival_count: 500 }] }
thresholds:
  end_to_end: ["p(95) < 10h"]
"#;

/// A folder of its own for each test, gone at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let path = std::env::temp_dir().join(format!("sendpool-exports-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a temporary folder");
        fs::write(path.join("exported.yaml"), SCENARIO).expect("writable");
        Scratch(path)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sendpool"));
        for variable in ["GITHUB_STEP_SUMMARY", "GITHUB_ACTIONS"] {
            command.env_remove(variable);
        }
        command.args(arguments).current_dir(&self.0).stdin(Stdio::null()).output().expect("the program starts")
    }

    /// Runs what must succeed.
    fn done(&self, arguments: &[&str]) {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Files of a folder's `export` by name; `None` when there is none.
    fn exports(&self, folder: &str) -> Option<Vec<(String, Vec<u8>)>> {
        let entries = fs::read_dir(self.0.join(folder).join("export")).ok()?;
        let mut files: Vec<_> = entries
            .map(|entry| {
                let path = entry.expect("readable").path();
                let name = path.file_name().expect("a name").to_string_lossy().into_owned();
                (name, fs::read(path).expect("readable"))
            })
            .collect();
        files.sort();
        Some(files)
    }

    fn result_digest(&self, folder: &str) -> serde_json::Value {
        let text = fs::read_to_string(self.0.join(folder).join("run.json")).expect("readable");
        let run: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        run["result_digest"].clone()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn names(files: &[(String, Vec<u8>)]) -> Vec<&str> {
    files.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn only_what_is_asked_for_is_written_and_no_result_moves() {
    let scratch = Scratch::new("asked");
    scratch.done(&["run", "exported.yaml", "--quiet", "--out-dir", "plain"]);
    assert_eq!(scratch.exports("plain"), None);
    scratch.done(&["run", "exported.yaml", "--quiet", "--out-dir", "one", "--export", "parquet"]);
    assert_eq!(names(&scratch.exports("one").expect("exports")), ["series.parquet"]);
    let all = ["run", "exported.yaml", "--quiet", "--out-dir", "all", "--export", "prometheus,hlog,parquet"];
    scratch.done(&all);
    let files = scratch.exports("all").expect("exports");
    assert_eq!(names(&files), ["delays.hlog", "metrics.prom", "series.openmetrics", "series.parquet"]);
    assert!(files.iter().all(|(_, bytes)| !bytes.is_empty()));
    assert_eq!(scratch.result_digest("plain"), scratch.result_digest("all"));
    let wrong = scratch.run(&["run", "exported.yaml", "--export", "xlsx"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("possible values: hlog, parquet, prometheus"));
}

/// With one thread or two, verified, and merged from shards.
#[test]
fn the_same_bytes_however_a_run_came_about() {
    let scratch = Scratch::new("same");
    let run = |out: &str, more: &[&str]| {
        let arguments =
            [&["run", "exported.yaml", "--quiet", "--out-dir", out, "--export", "hlog,parquet,prometheus"], more];
        scratch.done(&arguments.concat());
        scratch.exports(out).expect("exports")
    };
    let whole = run("whole", &["--threads", "1"]);
    assert!(whole == run("threads", &["--threads", "2", "--verify"]));
    for part in ["1/2", "2/2"] {
        scratch.done(&["run", "exported.yaml", "--quiet", "--shard", part, "--out-dir", "parts"]);
    }
    scratch.done(&["merge", "parts", "--quiet", "--out-dir", "merged", "--export", "prometheus,parquet,hlog"]);
    assert!(Some(whole) == scratch.exports("merged"));
    let refused = scratch.run(&["run", "exported.yaml", "--shard", "1/2", "--export", "hlog"]);
    assert_eq!(refused.status.code(), Some(2), "what a part shows is no result");
}

/// Every name that begins with `sendpool_` in a text.
fn metrics(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("sendpool_")).map(ToOwned::to_owned).collect()
}

#[test]
fn the_dashboard_asks_for_what_is_there() {
    let scratch = Scratch::new("dashboard");
    scratch.done(&["run", "exported.yaml", "--quiet", "--out-dir", "out", "--export", "prometheus"]);
    let files = scratch.exports("out").expect("exports");
    let (_, series) = files.iter().find(|(name, _)| name == "series.openmetrics").expect("written");
    let text = String::from_utf8(series.clone()).expect("UTF-8");
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    let there: BTreeSet<String> = samples.map(|line| line.split('{').next().unwrap_or("").to_owned()).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/grafana/sendpool.json");
    let dashboard: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(path).expect("the dashboard")).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().expect("targets"));
    let queries: Vec<&str> = targets.map(|target| target["expr"].as_str().expect("a query")).collect();
    assert!(queries.len() > 10);
    for query in queries {
        let asked = metrics(query);
        assert!(!asked.is_empty() && asked.is_subset(&there), "{query} asks for {:?}", asked.difference(&there));
    }
    // A label with a comma and quotes is escaped.
    assert!(text.contains(r#"sender="sc, \"x\"""#), "{text}");
}
