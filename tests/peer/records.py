"""Records as others read them: pandas and DuckDB, against the summary of the same run.

Runs scenarios with one replication, writes their records in every format, and holds counts and sums of the rows against
`summary.json`: what happened to whom, what was reported, what it cost and how long it took. Nothing here knows how the
program counts.

    python tests/peer/records.py --sendpool target/release/sendpool [SCENARIO ...]
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import pandas

ROOT = Path(__file__).resolve().parents[2]
# With the formats in which each is tried.
SCENARIOS = {
    "two-way": ["csv", "csv.gz", "jsonl", "jsonl.gz", "parquet"],
    "toll-free-overflow": ["parquet"],
    "otp-burst": ["parquet"],
}


class Checks:
    """Counts comparisons and remembers what differs."""

    def __init__(self):
        self.done = 0
        self.wrong = []

    def equal(self, what, found, expected, tolerance=0.0):
        self.done += 1
        found = 0 if found is None or pandas.isna(found) else found
        expected = 0 if expected is None else expected
        if abs(found - expected) > tolerance * max(1.0, abs(expected)):
            self.wrong.append(f"{what}: rows say {found}, the summary says {expected}")


def read(path):
    """The rows as pandas reads them."""
    name = path.name
    if name.endswith(".parquet"):
        return pandas.read_parquet(path)
    if ".jsonl" in name:
        return pandas.read_json(path, lines=True)
    return pandas.read_csv(path, low_memory=False)


def scope(checks, what, rows, facts, bounded):
    """Rows of one scope against its part of the summary. Only outbound rows; the refused made no message."""
    messages = rows[rows.status != "refused"]
    checks.equal(f"{what} accepted", len(messages), facts["accepted"])
    # By type of sender only what was assigned to one is offered.
    checks.equal(f"{what} handed over", len(rows), facts["offered"] - facts["not_handed_over"])
    checks.equal(f"{what} sent", messages.date_sent.notna().sum(), facts["sent"])
    sent = messages[messages.date_sent.notna()]
    checks.equal(f"{what} segments", sent.num_segments.sum(), facts["segments_sent"])
    checks.equal(f"{what} delivered", (messages.true_status == "delivered").sum(), facts["delivered"])
    checks.equal(f"{what} reported delivered", (messages.status == "delivered").sum(), facts["delivered_reported"])
    checks.equal(f"{what} canceled", (messages.true_status == "canceled").sum(), facts["canceled"])
    checks.equal(f"{what} in progress", messages.true_status.isna().sum(), facts["in_progress"])
    checks.equal(f"{what} repeated", ((rows.repetition > 0) | (rows.turn > 0)).sum(), facts["repeated"])
    checks.equal(f"{what} cost", -messages.price.sum(), facts["cost_dollars"]["total"], 1e-9)
    losses = rows[rows.true_error_code.notna()].groupby(["true_status", "true_error_code", "true_reason"]).size()
    expected = {(loss["status"], loss["code"], loss["reason"]): loss["messages"] for loss in facts["losses"]}
    for key in set(losses.index) | set(expected):
        checks.equal(f"{what} lost {key}", losses.get(key, 0), expected.get(key, 0))
    delivered = messages[messages.true_status == "delivered"]
    for spent in facts["time_spent"]:
        mean = delivered[spent["stage"] + "_seconds"].mean()
        checks.equal(f"{what} mean {spent['stage']}", mean, spent["mean_seconds"], 1e-9)
    if (facts["delays"] or {}).get("end_to_end") and bounded:
        end_to_end = facts["delays"]["end_to_end"]
        checks.equal(f"{what} mean end_to_end", delivered.total_seconds.mean(), end_to_end["mean"], 1e-9)
        checks.equal(f"{what} longest end_to_end", delivered.total_seconds.max(), end_to_end["max"], 1e-9)
        checks.equal(f"{what} shortest end_to_end", delivered.total_seconds.min(), end_to_end["min"], 1e-9)


def stages(checks, what, rows):
    """The stages of every ended row add up to the total; and the total is what the dates say, to their microseconds."""
    ended = rows[rows.true_status.notna()]
    names = ["api_wait", "hold_wait", "lane_wait", "ceiling_wait", "carrier_hold", "network_latency", "handset_wait"]
    total = sum(ended[f"{name}_seconds"] for name in names)
    checks.equal(f"{what} rows whose stages do not add up", ((total - ended.total_seconds).abs() > 1e-6).sum(), 0)
    sent = rows[rows.date_sent.notna() & rows.true_status.notna()]
    waited = (pandas.to_datetime(sent.date_sent) - pandas.to_datetime(sent.intended)).dt.total_seconds()
    before = sum(sent[f"{name}_seconds"] for name in names[:4])
    checks.equal(f"{what} rows sent at another time", ((waited - before).abs() > 2e-6).sum(), 0)


def by_duckdb(checks, what, path, overall):
    """The same sums in SQL."""
    if path.name.endswith(".parquet"):
        source = f"read_parquet('{path}')"
    elif ".jsonl" in path.name:
        source = f"read_json('{path}', format = 'newline_delimited', sample_size = -1)"
    else:
        source = f"read_csv('{path}', sample_size = -1)"
    query = f"""
        SELECT count(*) FILTER (status <> 'refused'), count(*) FILTER (true_status = 'delivered'),
               count(*) FILTER (status = 'delivered'), sum(num_segments) FILTER (date_sent IS NOT NULL), -sum(price),
               max(total_seconds) FILTER (true_status = 'delivered'), max(date_sent) >= min(date_created),
               count(DISTINCT sid)
        FROM {source} WHERE direction <> 'inbound'"""
    found = duckdb.sql(query).fetchall()[0]
    expected = [overall["accepted"], overall["delivered"], overall["delivered_reported"], overall["segments_sent"],
                overall["cost_dollars"]["total"], overall["delays"]["end_to_end"]["max"], True, overall["accepted"]]
    names = ["accepted", "delivered", "reported", "segments", "cost", "longest", "times in order", "distinct sids"]
    for name, one, other in zip(names, found, expected):
        if other is not None:
            checks.equal(f"{what} {name} by DuckDB", float(one), float(other), 1e-9)


def run(sendpool, scenario, folder, checks):
    """One scenario in all formats."""
    for kind in SCENARIOS.get(scenario, ["parquet"]):
        path = folder / f"{scenario}.{kind}"
        out = folder / f"{scenario}-run"
        command = [sendpool, "run", ROOT / "scenarios" / f"{scenario}.yaml", "--replications", "1", "--quiet",
                   "--out-dir", out, "--records", path]
        code = subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode
        if code not in (0, 99):
            sys.exit(f"{scenario}: the command ended with {code}")
        summary = json.loads((out / "summary.json").read_text())
        rows = read(path)
        outbound = rows[rows.direction != "inbound"]
        bounded = summary["overall"]["in_progress"] + summary["overall"]["not_handed_over"] == 0
        label = f"{scenario} {kind}"
        scope(checks, label, outbound, summary["overall"], bounded)
        for list_name, column in [("campaigns", "campaign"), ("services", "service"), ("countries", "country"),
                                  ("carriers", "carrier")]:
            for facts in summary[list_name]:
                part = outbound[outbound[column] == facts["name"]]
                scope(checks, f"{label} {facts['name']}", part, facts, bounded)
        stages(checks, label, outbound)
        inbound = rows[rows.direction == "inbound"].inbound.value_counts()
        checks.equal(f"{label} replies", inbound.get("reply", 0), summary["overall"]["replies"])
        checks.equal(f"{label} opt-outs", inbound.get("stop", 0), summary["overall"]["opt_outs"])
        by_duckdb(checks, label, path, summary["overall"])
        path.unlink()


def main():
    """Compares, and ends with 1 when anything differs."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--sendpool", required=True)
    arguments.add_argument("scenarios", nargs="*", default=list(SCENARIOS))
    arguments = arguments.parse_args()
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder:
        for scenario in arguments.scenarios:
            run(arguments.sendpool, scenario, Path(folder), checks)
    for wrong in checks.wrong[:50]:
        print("DIFFERS", wrong)
    print(f"{checks.done - len(checks.wrong)} of {checks.done} figures of records agree with their summaries")
    sys.exit(1 if checks.wrong else 0)


if __name__ == "__main__":
    main()
