"""Exports as others read them: HdrHistogram's and Prometheus' Python libraries and pyarrow, against files of the same run.

- Every histogram of `delays.hlog`, decoded by the HdrHistogram library of Python, has the counts and values of its `.hgrm`
  file, which that library's own percentile iterator gives again, and the quantiles of `summary.json`.
- `series.parquet` has the columns and numbers of `series.csv`.
- `metrics.prom` and `series.openmetrics` pass the parsers of Prometheus, no series is there twice, and their figures are those
  of `summary.json` and `series.csv`.
- Every query of the Grafana dashboard names metrics that the file has.
- Where `promtool` is installed it takes both files, and the database it makes of the second holds every sample.

    python tests/peer/exports.py --sendpool target/release/sendpool [SCENARIO ...]
"""

import argparse
import csv
import json
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import pyarrow.parquet
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_open
from prometheus_client.parser import text_string_to_metric_families as parse_text

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ["first-send", "two-way", "toll-free-overflow", "north-america", "forty-countries"]
DELAYS = ["queue_wait", "carrier_latency", "end_to_end"]
QUANTILES = {"p50": 50.0, "p90": 90.0, "p95": 95.0, "p99": 99.0, "p99_9": 99.9}
SCOPES = {"campaign": "campaigns", "service": "services", "country": "countries", "carrier": "carriers",
          "sender_type": "sender_types", "tag": "tags"}
# Buckets of three significant digits are at most this wide.
BUCKET = 1.001


class Checks:
    """Counts comparisons and remembers what differs."""

    def __init__(self):
        self.done = 0
        self.wrong = []

    def equal(self, what, found, expected, tolerance=0.0):
        self.done += 1
        if found is None or abs(found - expected) > tolerance * max(1.0, abs(expected)):
            self.wrong.append(f"{what}: {found} instead of {expected}")

    def true(self, what, condition):
        self.done += 1
        if not condition:
            self.wrong.append(what)


def hgrm(path):
    """Rows of value in milliseconds, quantile and count, and the total."""
    lines = path.read_text().splitlines()
    rows = [line.split() for line in lines if line and line.split()[0].replace(".", "").isdigit()]
    total = int(re.search(r"Total count\s*=\s*(\d+)", path.read_text()).group(1))
    return [(float(row[0]), float(row[1]), int(row[2])) for row in rows], total


def histograms(checks, label, folder, summary):
    """The log against the text files, and both against the summary."""
    reader = HistogramLogReader(str(folder / "export" / "delays.hlog"), HdrHistogram(1, 86_400_000_000, 3))
    found = {}
    while (histogram := reader.get_next_interval_histogram()) is not None:
        checks.true(f"{label}: {histogram.get_tag()} is there twice", histogram.get_tag() not in found)
        found[histogram.get_tag()] = histogram
    start = datetime.fromisoformat(summary["scenario"]["start"].replace("Z", "+00:00")).timestamp()
    checks.equal(f"{label}: start of the log", reader.get_start_time_sec(), start)
    files = {path.name.removesuffix(".hgrm"): path for path in (folder / "hist").iterdir()}
    checks.true(f"{label}: tags {sorted(found)} and files {sorted(files)}", set(found) == set(files))
    for name, path in files.items():
        rows, total = hgrm(path)
        histogram = found[name]
        checks.equal(f"{label} {name}: count", histogram.get_total_count(), total)
        counts = [(item.value_iterated_to, item.count_added_in_this_iter_step) for item in histogram.get_recorded_iterator()]
        highest = histogram.get_highest_equivalent_value
        for millis, _, below in rows:
            # What the library counts up to this value, bucket by bucket.
            edge = highest(round(millis * 1000))
            counted = sum(count for value, count in counts if highest(value) <= edge)
            checks.equal(f"{label} {name}: values up to {millis} ms", counted, below)
    for scope, key in [("campaign", "campaigns"), ("country", "countries")]:
        for facts in summary[key]:
            for delay in DELAYS:
                quantiles = (facts["delays"] or {}).get(delay)
                histogram = found.get(f"{scope}-{facts['name']}.{delay}")
                if not quantiles or histogram is None or quantiles["unfinished"]:
                    continue
                checks.equal(f"{label} {facts['name']} {delay}: count", histogram.get_total_count(), quantiles["n"])
                for name, percent in QUANTILES.items():
                    micros = histogram.get_value_at_percentile(percent)
                    # Half a rank apart at most: of few values those beside it will do.
                    beside = [histogram.get_value_at_percentile(max(0.0, percent - 100.0 / quantiles["n"])),
                              histogram.get_value_at_percentile(min(100.0, percent + 100.0 / quantiles["n"]))]
                    low, high = min([micros, *beside]) / BUCKET - 1, max([micros, *beside]) * BUCKET + 1
                    checks.true(f"{label} {facts['name']} {delay} {name}: {micros} us, the summary says {quantiles[name]} s",
                                low <= quantiles[name] * 1e6 <= high)


def series(checks, label, folder, summary):
    """Parquet against CSV, number by number."""
    table = pyarrow.parquet.read_table(folder / "export" / "series.parquet")
    with open(folder / "series.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = list(rows[0])
    checks.true(f"{label}: columns {table.column_names}", table.column_names == ["time", *names])
    checks.equal(f"{label}: bins", table.num_rows, len(rows))
    start = datetime.fromisoformat(summary["scenario"]["start"].replace("Z", "+00:00"))
    for row, (time, expected) in enumerate(zip(table.column("time").to_pylist(), rows)):
        seconds = (time - start).total_seconds()
        checks.equal(f"{label}: time of bin {row}", seconds, float(expected["time_seconds"]), 1e-6)
    for name in names:
        for found, expected in zip(table.column(name).to_pylist(), rows):
            checks.equal(f"{label}: {name}", found, float(expected[name]))
    return rows


def samples(checks, label, families):
    """By name and labels, without `run`; in the order of the file."""
    found = {}
    for family in families:
        checks.true(f"{label}: {family.name} has no help or type", family.documentation and family.type != "unknown")
        for sample in family.samples:
            labels = dict(sample.labels)
            checks.true(f"{label}: {sample.name} has no run", bool(labels.pop("run", "")))
            found.setdefault((sample.name, *sorted(labels.items())), []).append(sample)
    return found


def value(found, name, **labels):
    """The last sample of a series."""
    series_of = found.get((name, *sorted(labels.items())))
    return None if series_of is None else series_of[-1].value


def figures(checks, label, found, summary):
    """What the run came to."""
    scopes = [("run", {}, summary["overall"])]
    for scope, key in SCOPES.items():
        scopes += [(scope, {scope: facts["name"]}, facts) for facts in summary.get(key, [])]
    for scope, own, facts in scopes:
        what, prefix = f"{label} {scope} {own}", f"sendpool_{scope}"
        ended = {status: value(found, f"{prefix}_messages_total", status=status, **own)
                 for status in ["delivered", "undelivered", "failed", "refused", "canceled", "in_progress", "not_handed_over"]}
        checks.equal(f"{what}: delivered", ended["delivered"], facts["delivered"])
        checks.equal(f"{what}: all ends", sum(ended.values()), facts["offered"], 1e-9)
        checks.equal(f"{what}: accepted", sum(ended.values()) - ended["refused"] - ended["not_handed_over"],
                     facts["accepted"], 1e-9)
        checks.equal(f"{what}: segments", value(found, f"{prefix}_segments_sent_total", **own), facts["segments_sent"])
        dollars = sum(value(found, f"{prefix}_cost_dollars_total", kind=kind, **own)
                      for kind in ["list_price", "carrier_fees", "failed_fees"])
        checks.equal(f"{what}: cost", dollars, facts["cost_dollars"]["total"], 1e-9)
        for loss in facts["losses"]:
            labels = {"status": loss["status"], "code": str(loss["code"]), "reason": loss["reason"]}
            checks.equal(f"{what}: {labels}", value(found, f"{prefix}_lost_messages_total", **labels, **own), loss["messages"])
        for delay in DELAYS:
            quantiles = (facts["delays"] or {}).get(delay)
            if not quantiles:
                continue
            name = f"{prefix}_{delay}_seconds"
            checks.equal(f"{what}: {delay} count", value(found, f"{name}_count", **own), quantiles["n"])
            if quantiles["mean"] is not None:
                checks.equal(f"{what}: {delay} sum", value(found, f"{name}_sum", **own),
                             quantiles["mean"] * quantiles["n"], 1e-9)
            for key, percent in QUANTILES.items():
                if quantiles[key] is not None:
                    quantile = f"{percent / 100:.10g}"
                    checks.equal(f"{what}: {delay} {key}", value(found, name, quantile=quantile, **own), quantiles[key])
    for index, promise in enumerate(summary["thresholds"]):
        labels = {"number": str(index + 1), "promise": promise["metric"], "condition": promise["condition"]}
        labels |= {"part": promise["part"]} if "part" in promise else {}
        checks.equal(f"{label}: {labels}", value(found, "sendpool_promise_kept", **labels), float(promise["passed"]))


def over_time(checks, label, found, rows, start):
    """Counters and backlogs at every sample, against the rows of series.csv."""
    width = float(rows[0]["bin_seconds"])
    flows = {"sendpool_messages_offered_total": "offered", "sendpool_messages_accepted_total": "accepted",
             "sendpool_messages_sent_total": "sent", "sendpool_segments_sent_total": "segments_sent",
             "sendpool_messages_delivered_total": "delivered", "sendpool_messages_undelivered_total": "undelivered",
             "sendpool_messages_failed_total": "failed"}
    for name, flow in flows.items():
        column = [float(row[f"{flow}_mean"]) for row in rows]
        before = 0.0
        for sample in found[(name,)]:
            bin_number = round((float(sample.timestamp) - start) / width)
            checks.equal(f"{label}: {name} at bin {bin_number}", sample.value, sum(column[:bin_number]), 1e-9)
            checks.true(f"{label}: {name} falls", sample.value >= before)
            before = sample.value
    for key, list_of in found.items():
        if key[0] == "sendpool_sender_segments_sent_total":
            column = [float(row[f"segments_sent[{key[1][1]}]_mean"]) for row in rows]
            for sample in list_of:
                bin_number = round((float(sample.timestamp) - start) / width)
                checks.equal(f"{label}: {key} at bin {bin_number}", sample.value, sum(column[:bin_number]), 1e-9)
    for name, of in [("sendpool_backlog_segments", "mean"), ("sendpool_backlog_min_segments", "min"),
                     ("sendpool_backlog_max_segments", "max")]:
        for key, list_of in found.items():
            if key[0] == name:
                column = f"backlog_segments[{key[1][1]}]_{of}"
                for sample in list_of:
                    row = rows[round((float(sample.timestamp) - start) / width)]
                    checks.equal(f"{label}: {key}", sample.value, float(row[column]))


def dashboard(checks, names):
    """Metrics of the dashboard's queries are metrics of the file."""
    text = (ROOT / "docs" / "grafana" / "sendpool.json").read_text()
    queries = []

    def collect(node):
        if isinstance(node, dict):
            queries.extend(node[key] for key in ("expr", "definition") if isinstance(node.get(key), str))
            node = list(node.values())
        if isinstance(node, list):
            for child in node:
                collect(child)

    collect(json.loads(text))
    checks.true("the dashboard has queries", len(queries) > 10)
    for query in queries:
        used = re.findall(r"\bsendpool_\w+", query)
        checks.true(f"no metric in {query}", bool(used))
        for name in used:
            checks.true(f"the dashboard asks for {name}, which no file has", name in names)


def by_promtool(checks, label, promtool, folder, count, scratch):
    """What Prometheus' own tool says, and how many samples its database holds."""
    text = (folder / "export" / "metrics.prom").read_bytes()
    checked = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)
    checks.true(f"{label}: promtool: {checked.stdout + checked.stderr}", checked.returncode == 0)
    database = scratch / "tsdb"
    shutil.rmtree(database, ignore_errors=True)
    made = subprocess.run([promtool, "tsdb", "create-blocks-from", "openmetrics",
                           folder / "export" / "series.openmetrics", database], capture_output=True, check=False)
    checks.true(f"{label}: promtool: {made.stderr}", made.returncode == 0)
    # Dumping wants a database, and what was made are its blocks.
    (database / "wal").mkdir(exist_ok=True)
    dumped = subprocess.run([promtool, "tsdb", "dump", database], capture_output=True, text=True, check=False)
    checks.equal(f"{label}: samples in the database", len(dumped.stdout.splitlines()), count)


def run(sendpool, scenario, scratch, checks, promtool):
    """One scenario; the names of its samples."""
    folder = scratch / scenario
    command = [sendpool, "run", ROOT / "scenarios" / f"{scenario}.yaml", "--replications", "3", "--quiet",
               "--out-dir", folder, "--export", "hlog,parquet,prometheus"]
    code = subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode
    if code not in (0, 99):
        sys.exit(f"{scenario}: the command ended with {code}")
    summary = json.loads((folder / "summary.json").read_text())
    histograms(checks, scenario, folder, summary)
    rows = series(checks, scenario, folder, summary)
    text = (folder / "export" / "metrics.prom").read_text()
    now = samples(checks, scenario, parse_text(text))
    for key, list_of in now.items():
        checks.true(f"{scenario}: {key} is there twice, or has a time",
                    len(list_of) == 1 and list_of[0].timestamp is None)
    figures(checks, f"{scenario} text", now, summary)
    found = samples(checks, scenario, parse_open((folder / "export" / "series.openmetrics").read_text()))
    figures(checks, f"{scenario} OpenMetrics", found, summary)
    start = datetime.fromisoformat(summary["scenario"]["start"].replace("Z", "+00:00")).timestamp()
    over_time(checks, scenario, found, rows, start)
    for key, list_of in found.items():
        times = [float(sample.timestamp) for sample in list_of]
        checks.true(f"{scenario}: times of {key} do not go up by a second", all(
            later - earlier > 0.999 or later == times[-1] and later > earlier for earlier, later in zip(times, times[1:])))
    if promtool:
        by_promtool(checks, scenario, promtool, folder, sum(len(list_of) for list_of in found.values()), scratch)
    return {key[0] for key in found}


def main():
    """Compares, and ends with 1 when anything differs."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--sendpool", required=True)
    arguments.add_argument("scenarios", nargs="*", default=SCENARIOS)
    arguments = arguments.parse_args()
    promtool = shutil.which("promtool")
    checks, names = Checks(), set()
    with tempfile.TemporaryDirectory() as scratch:
        for scenario in arguments.scenarios:
            names |= run(arguments.sendpool, scenario, Path(scratch), checks, promtool)
    dashboard(checks, names)
    for wrong in checks.wrong[:50]:
        print("DIFFERS", wrong)
    tool = "promtool takes them" if promtool else "no promtool to ask"
    print(f"{checks.done - len(checks.wrong)} of {checks.done} figures of exports agree with the run; {tool}")
    sys.exit(1 if checks.wrong else 0)


if __name__ == "__main__":
    main()
