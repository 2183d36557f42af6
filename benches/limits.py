#!/usr/bin/env python3
"""Runs a scenario at each limit and prints the table of docs/limits.md: seconds, and the most memory that was resident.

    python3 benches/limits.py [--sendpool target/release/sendpool] [NAME ...]

Needs about 10 GiB of disk and 5 GiB of memory, and takes a quarter of an hour on two cores. Unix only.
"""

import argparse
import os
import pathlib
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
COUNTRIES = sorted(path.stem.upper() for path in (ROOT / "src/catalogue/countries").glob("*.yaml") if path.stem != "xx")
ELEVEN = "US CA FR DE ES NL BE AT IE PT SE".split()


def scenario(senders="{ id: a, type: short_code, country: US, mps: 1000/s }", campaigns=1, countries=("US",), messages=100,
             duration="1000s", people="", replications=1, rest=""):
    people = people or "recipients: { " + ", ".join(f"{country}: 1" for country in countries) + " }"
    arrivals = f"{{ phases: [{{ duration: {duration}, arrival_count: {messages} }}] }}"
    listed = "".join(f"  c{number}: {{ service: s, body: Hi, {people}, arrivals: {arrivals} }}\n" for number in range(campaigns))
    return (f"version: 1\nname: limit\nreplications: {replications}\n{rest}"
            f"services: {{ s: {{ senders: [{senders}] }} }}\ncampaigns:\n{listed}")


def promises(count, window):
    return "thresholds:\n  end_to_end:\n" + "".join(
        f'    - {{ threshold: "p(95) < {number + 1}h", window: {window} }}\n' for number in range(count))


def faults(count):
    return "faults:\n" + "".join(
        f"  - {{ at: {number}s, for: 1s, carrier: us/t-mobile, mode: fail }}\n" for number in range(count))


def padded():
    text, line = scenario(campaigns=1_000, countries=COUNTRIES), "# " + "x" * 98 + "\n"
    return text + line * ((16 * 2**20 - len(text)) // len(line))


def log(path, rows):
    with open(path, "w", encoding="ascii") as out:
        out.write("time,to,country,segments,campaign\n")
        for row in range(rows):
            out.write(f"{row / 1000},+1212{5_550_000 + row % 1_000_000},US,1,sale\n")


XX = "{ id: a, type: short_code, country: XX, mps: 100000/s }"
LINES = "{{ id: a, type: long_code, country: US, count: {} }}"
AUDIENCE = "audiences: { p: { size: 1099511627776, recipients: { US: 1 } } }\n"
WIDE = "{ id: a, type: short_code, country: US, mps: 10000/s }"
QUEUE = "queue: { capacity: unlimited }\n"

# Name, scenario, command.
CASES = {
    "messages": (lambda: scenario(XX, countries=["XX"], messages=100_000_000, duration="2000s"), ["run"]),
    "senders": (lambda: scenario("{ id: a, type: toll_free, country: US, count: 100000 }", messages=1_000_000), ["run"]),
    "queues": (lambda: scenario(LINES.format(90_000), countries=ELEVEN, messages=1_000_000), ["run"]),
    "queued": (lambda: scenario(messages=10_000_000, duration="0s", rest=QUEUE), ["run"]),
    "audience": (lambda: scenario(WIDE, messages=10_000_000, people="audience: p, pick: uniform", rest=AUDIENCE), ["run"]),
    "campaigns": (lambda: scenario(campaigns=1_000, messages=1_000), ["run"]),
    "campaigns-countries": (lambda: scenario(campaigns=1_000, countries=COUNTRIES), ["run"]),
    "faults": (lambda: scenario(messages=1_000_000, rest=faults(1_000)), ["run"]),
    "promises": (lambda: scenario(messages=100_000, rest=promises(1_000, "2000s")), ["run"]),
    "windows": (lambda: scenario(messages=100_000, duration="2000s", rest=promises(10, "2003ms")), ["run"]),
    "replications": (lambda: scenario(messages=10, replications=100_000), ["run"]),
    "shard": (lambda: scenario(messages=10, replications=100_000), ["run", "--shard", "1/1"]),
    "counts": (lambda: scenario("{ id: a, type: alphanumeric, name: SHOP }", campaigns=25, countries=["AE"], messages=10, replications=60_000), ["run"]),
    "cells": (lambda: scenario(messages=10_000), ["sweep", "--vary", "seed=1..1000"]),
    "file": (padded, ["validate"]),
    "trace": (lambda: scenario("{ id: a, type: short_code, country: US, mps: 2000/s }").replace(
        "{ phases: [{ duration: 1000s, arrival_count: 100 }] }", "{ trace: log.csv }"), ["run"]),
}


def measure(command, folder):
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    code = status >> 8
    if code not in (0, 99):
        raise SystemExit(f"{' '.join(command)} ended with {code}: {said}")
    return time.monotonic() - started, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sendpool", default=str(ROOT / "target/release/sendpool"))
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    program = str(pathlib.Path(options.sendpool).resolve())
    for name in options.names or CASES:
        write, command = CASES[name]
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "limit.yaml").write_text(write(), encoding="ascii")
            if name == "trace":
                log(pathlib.Path(folder) / "log.csv", 10_000_000)
            out = [] if command[0] == "validate" else ["--out-dir", "out"]
            seconds, mebibytes = measure([program, command[0], "limit.yaml", "--quiet", *command[1:], *out], folder)
            print(f"{name:20} {seconds:8.1f} s {mebibytes:8.0f} MiB", flush=True)
            if name == "shard":
                seconds, mebibytes = measure([program, "merge", "out", "--quiet", "--out-dir", "merged"], folder)
                size = sum(path.stat().st_size for path in pathlib.Path(folder, "out").iterdir()) / 2**20
                print(f"{'merge':20} {seconds:8.1f} s {mebibytes:8.0f} MiB of a file of {size:.0f} MiB", flush=True)


if __name__ == "__main__":
    main()
