#!/usr/bin/env python3
"""Counts the instructions of short workloads and holds them against benches/instructions.txt.

    python3 benches/instructions.py            # compare: exit code 1 when a count differs
    python3 benches/instructions.py --update   # write the counts of this commit

Counts of one binary repeat to the last instruction, on a loaded machine as well, so any difference is a change of the program.
But the binary is made by a compiler with its standard library, and memcpy and the like come from libc, which chooses them by the
processor: where versions or processor in the file are not those of this machine, counts are shown and not judged. The folder that
a build is made in does not count. Counts that differ are not wrong: a commit that means to
change them updates the file, and its diff shows what they became.

Counted is one replication without reading the scenario. Valgrind has no AVX-512, so the path for AVX2 is what is counted, on
x86-64 alone: elsewhere, and without valgrind, nothing is counted, and that is said. Root gets it installed by apt.

Instructions are not time: a miss of the cache or of a branch costs none. They say whether a change did more than it meant to.
"""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "benches" / "instructions.txt"
BINARY = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release" / "sendpool-benches"
WORKLOADS = ["w1", "w2", "w3", "w4", "w4-met-again"]


def first_line(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout.splitlines()[0].strip()


def has_valgrind():
    if shutil.which("valgrind") is None and shutil.which("apt-get") and os.geteuid() == 0:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        if subprocess.run(["apt-get", "install", "--yes", "valgrind"], check=False, **quiet).returncode:
            subprocess.run(["apt-get", "update"], check=False, **quiet)
            subprocess.run(["apt-get", "install", "--yes", "valgrind"], check=False, **quiet)
    return shutil.which("valgrind") is not None


def has_avx2():
    return any("avx2" in line.split() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("flags"))


def processor():
    """Vendor, family and model, as far as they are told."""
    facts = dict(
        (part.strip() for part in line.split(":", 1))
        for line in Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines()
        if ":" in line
    )
    return " ".join(facts.get(name, "unknown") for name in ["vendor_id", "cpu family", "model"])


def count(workload):
    """Messages and instructions."""
    # Always the same length of path and no environment: they shift the stack, and copying takes other turns then.
    with tempfile.TemporaryDirectory(prefix="sendpool-", dir="/tmp") as folder:
        program = shutil.copy(BINARY, Path(folder) / "counted")
        out = Path(folder) / "counts"
        command = ["--tool=callgrind", f"--callgrind-out-file={out}", "--toggle-collect=*counted_work*", program, "count", workload]
        run = subprocess.run(
            [shutil.which("valgrind"), *map(str, command)], check=True, capture_output=True, text=True, cwd=folder, env={}
        )
        totals = next(line for line in out.read_text().splitlines() if line.startswith("totals:"))
    return int(run.stdout), int(totals.split()[1])


def main():
    update = sys.argv[1:] == ["--update"]
    if sys.argv[1:] and not update:
        sys.exit(__doc__)
    if platform.machine() != "x86_64" or platform.system() != "Linux":
        print("skipped: instructions are counted on Linux on x86-64")
        return
    if not has_valgrind():
        print("skipped: there is no valgrind (apt-get install valgrind)")
        return
    if not has_avx2():
        print("skipped: this processor has no AVX2, which the counts are of")
        return
    subprocess.run(["cargo", "build", "--quiet", "--release", "--locked", "-p", "sendpool-benches"], check=True, cwd=ROOT)
    versions = {
        "rustc": first_line("rustc", "-V"),
        "libc": " ".join(platform.libc_ver()) + ", " + first_line("ldd", "--version").removeprefix("ldd "),
        "valgrind": first_line("valgrind", "--version"),
        "processor": processor(),
    }
    counts = {workload: count(workload) for workload in WORKLOADS}

    lines = [line for line in FILE.read_text().splitlines() if line] if FILE.exists() else []
    kept = dict(line.split(": ", 1) for line in lines if not line.startswith("#"))
    text = ["# One short replication of each workload by benches/instructions.py, which says when the counts must be these.", ""]
    text += [f"{name}: {version}" for name, version in versions.items()] + [""]
    text += [f"{workload}: {made:,} messages, {all:,} instructions, {all / made:.1f} a message" for workload, (made, all) in counts.items()]

    differing = []
    for line in text:
        workload, _, said = line.partition(": ")
        if workload not in counts:
            continue
        before = kept.get(workload)
        if before == said:
            print(f"{workload:<14} {said}, as before")
        else:
            differing.append(workload)
            print(f"{workload:<14} {said}; before: {before or 'unknown'}")
    if update:
        FILE.write_text("\n".join(text) + "\n")
        return
    others = [name for name, version in versions.items() if kept.get(name) != version]
    if others:
        print(f"not judged: another {', '.join(others)} than in {FILE.relative_to(ROOT)}")
    elif differing:
        sys.exit(f"other counts for {', '.join(differing)}: if that is meant, python3 benches/instructions.py --update")


if __name__ == "__main__":
    main()
