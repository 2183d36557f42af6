"""Compares Sendpool with the peer model, scenario by scenario and figure by figure.

    python tests/peer/compare.py --sendpool target/release/sendpool

Scenarios without chance (`exact-*` and the shipped first-send) must agree exactly: counts, and times to the nanosecond.
Scenarios with chance are run with many seeds in both, and the mean of every figure must agree within an interval at
99.9 % (Welch). Seeds are fixed, so that the same programs give the same table.

Exit code 0: everything agrees. 1: something disagrees.
"""

import argparse
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

from model import FAULTS, SECOND, Simulation

HERE = Path(__file__).resolve().parent
SCENARIOS = HERE / "scenarios"
FIRST_SEND = HERE.parents[1] / "scenarios" / "first-send.yaml"
LEVEL = 0.999
ROUNDING = 0.001  # percentiles are published to three significant digits

COUNTS = ("offered", "accepted", "sent", "segments_sent", "delivered", "delivered_reported", "in_progress")
COSTS = ("base", "carrier_fees", "failed_fees", "total")
DELAYS = ("api_wait", "queue_wait", "carrier_latency", "end_to_end")
PERCENTILES = ("p50", "p90", "p95", "p99")


# ------------------------------------------------------------------------------------------- figures of both programs


def flatten_peer(figures):
    """`scope figure` -> value; times in seconds as fractions."""
    flat = {}
    scopes = [("all", figures["overall"])] + [(f"campaign {name}", facts) for name, facts in figures["campaigns"].items()]
    for scope, facts in scopes:
        put = lambda name, value: flat.__setitem__((scope, name), value)
        for name in COUNTS:
            put(name, facts[name])
        for name, count in facts["losses"].items():
            put(name, count)
        for name in COSTS:
            put(f"cost {name}", facts[f"cost {name}"])
        for name in ("last_sent", "drain", "drain_after_last"):
            put(name, Fraction(facts[name], SECOND) if name in facts else None)
        for part in DELAYS:
            table = facts[part]
            if table is None or (part == "api_wait" and table.get("max") == 0):
                continue
            put(f"{part} n", table["n"])
            for name in ("mean", "min", "max", *PERCENTILES):
                put(f"{part} {name}", Fraction(table[name]) / SECOND if name in table else None)
    for kind, sent in figures["sent by type"].items():
        if sent:
            flat["type " + kind, "sent"] = sent
    for number, lane in enumerate(figures["lanes"], 1):
        scope = f"queue {number} ({lane['group']})"
        for name in ("sent", "segments_sent", "expired", "overflowed", "peak_backlog_segments", "capacity_segments"):
            flat[scope, name] = lane[name]
        flat[scope, "drained_at"] = None if lane["drained_at"] is None else Fraction(lane["drained_at"], SECOND)
    return flat


def flatten_sendpool(summary):
    """The same keys from summary.json."""
    flat = {}
    scopes = [("all", summary["overall"])] + [(f"campaign {c['name']}", c) for c in summary["campaigns"]]
    for scope, facts in scopes:
        put = lambda name, value: flat.__setitem__((scope, name), value)
        for name in COUNTS:
            put(name, facts[name])
        for loss in facts["losses"]:
            put(f"{loss['status']} {loss['code']}", loss["messages"])
        for name in COSTS:
            put(f"cost {name}", facts["cost_dollars"][name])
        for name in ("last_sent", "drain", "drain_after_last"):
            span = facts[f"{name}_seconds"]
            put(name, None if span is None else span["mean"])
        for part in DELAYS:
            table = (facts["delays"] or {}).get(part)
            if table:
                for name in ("n", "mean", "min", "max", *PERCENTILES):
                    put(f"{part} {name}", table[name])
    for kind in summary["sender_types"]:
        if kind["sent"]:
            flat["type " + kind["name"], "sent"] = kind["sent"]
    for number, lane in enumerate(summary["lanes"], 1):
        scope = f"queue {number} ({lane['group']})"
        for name in ("sent", "segments_sent", "expired", "overflowed", "peak_backlog_segments", "capacity_segments"):
            flat[scope, name] = lane[name]
        flat[scope, "drained_at"] = lane["drained_at_seconds"]
    return flat


def run_sendpool(binary, path, seed, folder):
    command = [binary, "run", str(path), "--replications", "1", "--seed", str(seed), "--threads", "1", "--json", "--quiet"]
    done = subprocess.run([*command, "--out-dir", str(folder), "--force"], capture_output=True, text=True)
    if done.returncode not in (0, 99):  # 99: a promise of the scenario is broken, which is not the question here
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return flatten_sendpool(json.loads(done.stdout))


# -------------------------------------------------------------------------------------------------------- comparison


class Row:
    def __init__(self, scenario, scope, figure, ours, peer, interval, agrees):
        self.scenario, self.scope, self.figure = scenario, scope, figure
        self.ours, self.peer, self.interval = ours, peer, interval
        self.verdict = "agrees" if agrees else "DISAGREES"

    def key(self):
        return self.scenario, self.scope, self.figure


def exact_rows(name, ours, peer):
    """Counts equal, times equal to the nanosecond, percentiles within their published rounding."""
    for key in sorted(set(ours) | set(peer)):
        scope, figure = key
        if figure == "cost total":
            continue  # its parts are compared
        a, b = ours.get(key, 0), peer.get(key, 0)
        if a is None or b is None:
            yield Row(name, scope, figure, a, b, 0, a is None and b is None)
            continue
        if figure.split()[-1] in PERCENTILES:
            allowed = ROUNDING * float(b) + 1e-6
            yield Row(name, scope, figure, a, b, allowed, abs(a - float(b)) <= allowed)
        elif isinstance(b, Fraction) and not figure.endswith("mean") and not figure.startswith("cost"):
            yield Row(name, scope, figure, a, b, 0, round(a * SECOND) == b * SECOND)
        elif figure.endswith("mean") or figure.startswith("cost"):
            yield Row(name, scope, figure, a, b, 0, math.isclose(a, float(b), rel_tol=1e-12, abs_tol=1e-12))
        else:
            yield Row(name, scope, figure, a, b, 0, a == b)


def student_quantile(level, freedom):
    """Two-sided quantile of Student's t: the density integrated by Simpson's rule, the bound found by halving."""
    constant = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(freedom * math.pi)
    density = lambda x: constant * (1 + x * x / freedom) ** (-(freedom + 1) / 2)

    def inside(bound, steps=2000):
        h = bound / steps
        inner = sum((4 if i % 2 else 2) * density(i * h) for i in range(1, steps))
        return 2 * h / 3 * (density(0) + inner + density(bound))

    low, high = 0.0, 100.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if inside(middle) < level else (low, middle)
    return high


QUANTILES = {}


def welch(ours, peer):
    """Half width of the interval of the difference of two means."""
    a, b = statistics.variance(ours) / len(ours), statistics.variance(peer) / len(peer)
    if a + b == 0:
        return 0.0
    freedom = (a + b) ** 2 / (a**2 / (len(ours) - 1) + b**2 / (len(peer) - 1))
    key = max(1, math.floor(freedom))
    if key not in QUANTILES:
        QUANTILES[key] = student_quantile(LEVEL, key)
    return QUANTILES[key] * math.sqrt(a + b)


RANDOM_FIGURES = ("cost total", "cost failed_fees", "last_sent", "drain", "segments_sent", "delivered_reported", "sent", "delivered", "offered",
                  "queue_wait mean", "queue_wait p50", "queue_wait p95", "queue_wait max", "carrier_latency mean",
                  "carrier_latency p95", "end_to_end mean", "end_to_end p95")


def random_rows(name, ours, peer):
    """Means over replications; counts become shares of what was offered. `ours`, `peer`: one table per replication."""
    keys = {key for table in ours + peer for key in table}
    for scope, figure in sorted(keys):
        loss = figure.split()[0] in ("undelivered", "failed", "refused")
        overall = scope == "all" and (loss or figure in RANDOM_FIGURES)
        campaign = scope.startswith("campaign") and (loss or figure in ("delivered", "queue_wait mean", "queue_wait p95"))
        if campaign and len({s for s, _ in keys if s.startswith("campaign")}) == 1:
            continue  # says the same as the whole
        if not (overall or campaign or scope.startswith("type")):
            continue
        a, b = ([value(table, scope, figure, loss) for table in tables] for tables in (ours, peer))
        if None in a or None in b:
            yield Row(name, scope, figure, None, None, 0, a == b)
            continue
        allowed = welch(a, b)
        if figure.split()[-1] in PERCENTILES:
            allowed += ROUNDING * statistics.mean(b) + 1e-6
        label = f"{figure} share" if loss or figure.split()[0] in ("delivered", "delivered_reported") else figure
        a, b = statistics.mean(a), statistics.mean(b)
        yield Row(name, scope, label, a, b, allowed, abs(a - b) <= allowed + 1e-12)


def value(table, scope, figure, loss):
    found = table.get((scope, figure), 0)
    if found is None:
        return None
    if loss or figure.split()[0] in ("delivered", "delivered_reported"):
        return float(found) / table[scope, "offered"]
    return float(found)


# ------------------------------------------------------------------------------------------------------------- output


def text(number):
    if number is None:
        return "none"
    number = float(number)
    return f"{number:.0f}" if number == int(number) and abs(number) < 1e9 else f"{number:.6g}"


def show(rows, everything):
    width = "{:26} {:30} {:30} {:>12} {:>12} {:>12} {:>11}  {}"
    print(width.format("scenario", "scope", "figure", "sendpool", "peer", "difference", "interval", "verdict"))
    for row in rows:
        if row.verdict == "agrees" and row.scenario.startswith("exact") and not everything:
            continue
        known = row.ours is not None and row.peer is not None
        difference = text(float(row.ours) - float(row.peer)) if known else "-"
        interval = "exact" if row.interval == 0 else f"± {text(row.interval)}"
        print(width.format(row.scenario, row.scope, row.figure, text(row.ours), text(row.peer), difference, interval, row.verdict))
    if not everything:
        for name in dict.fromkeys(row.scenario for row in rows if row.scenario.startswith("exact")):
            of = [row for row in rows if row.scenario == name]
            agree = sum(row.verdict == "agrees" for row in of)
            verdict = "DISAGREES" if any(row.verdict == "DISAGREES" for row in of) else "agrees"
            print(width.format(name, "everything", f"{agree} of {len(of)} figures", "", "", "", "exact", verdict))


def compare(exact, chance, ours, replications, fault):
    """All rows, and how many messages the model simulated for them."""
    rows, messages = [], 0
    for path in exact:
        peer = Simulation(path, 0, fault).run()
        messages += len(peer.messages)
        name = path.stem if path.stem.startswith("exact") else f"exact {path.stem}"
        rows += exact_rows(name, ours[path].result()[0], flatten_peer(peer.figures()))
    for path in chance:
        peers = [Simulation(path, number, fault).run() for number in range(replications)]
        messages += sum(len(peer.messages) for peer in peers)
        rows += random_rows(path.stem, ours[path].result(), [flatten_peer(peer.figures()) for peer in peers])
    return rows, messages


def show_caught(fault, rows, before):
    """Which figures notice a fault that agreed without it."""
    known = {row.key() for row in before if row.verdict == "DISAGREES"}
    caught = [row for row in rows if row.verdict == "DISAGREES" and row.key() not in known]
    print(f"\nfault {fault} ({FAULTS[fault]}): {len(caught)} figures notice")
    for name in dict.fromkeys(row.scenario for row in caught):
        of = [row for row in caught if row.scenario == name]
        some = "; ".join(f"{row.scope} {row.figure}: {text(row.ours)} / {text(row.peer)}" for row in of[:3])
        print(f"  {name}, {len(of)} figures: {some}", flush=True)
    return bool(caught)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sendpool", required=True, help="path of the program")
    parser.add_argument("--replications", type=int, default=20, help="seeds per scenario with chance [20]")
    parser.add_argument("--first-seed", type=int, default=1000, help="the program's first seed; the model's differ [1000]")
    parser.add_argument("--only", default="", help="only scenarios whose name contains this")
    parser.add_argument("--all", action="store_true", help="show exact figures that agree, too")
    parser.add_argument("--fault", choices=[*sorted(FAULTS), "all"], help=argparse.SUPPRESS)
    options = parser.parse_args()

    began = time.monotonic()
    paths = [FIRST_SEND, *sorted(SCENARIOS.glob("*.yaml"))]
    exact = [p for p in paths if not p.name.startswith("random") and options.only in p.stem]
    chance = [p for p in paths if p.name.startswith("random") and options.only in p.stem]
    if not exact + chance:
        parser.error(f"no scenario has a name with `{options.only}`")
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as beside:
        def run_all(path, seeds):
            return [run_sendpool(options.sendpool, path, seed, Path(folder) / "run") for seed in seeds]

        seeds = range(options.first_seed, options.first_seed + options.replications)
        ours = {path: beside.submit(run_all, path, [1] if path in exact else seeds) for path in exact + chance}
        rows, messages = compare(exact, chance, ours, options.replications, None)
        if options.fault:
            faults = sorted(FAULTS) if options.fault == "all" else [options.fault]
            caught = [show_caught(fault, compare(exact, chance, ours, options.replications, fault)[0], rows) for fault in faults]
            return 1 if any(caught) else 0  # a comparison that notices a fault fails
    show(rows, options.all)
    print()
    count = {verdict: sum(row.verdict == verdict for row in rows) for verdict in ("agrees", "DISAGREES")}
    print(f"{count['agrees']} of {len(rows)} figures agree, {count['DISAGREES']} disagree; "
          f"{messages} messages in the peer model, {time.monotonic() - began:.0f} s")
    return 1 if count["DISAGREES"] else 0


if __name__ == "__main__":
    sys.exit(main())
