"""JUnit XML and SARIF read by libraries that others read them with.

    python3 tests/peer/ci_faces.py --sendpool target/release/sendpool
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

from junitparser import Failure, JUnitXml
from sarif import loader

SCENARIO = """\
version: 1
name: faces
replications: 2
overrides: { network: ideal }
services: { s: { senders: [{ id: a, type: long_code, country: XX, mps: 1/s }] } }
campaigns: { c: { service: s, segments: 1, recipients: { XX: 1 }, arrivals: { phases: [{ duration: 0s, arrival_count: 100 }] } } }
thresholds: { queue_wait: ["max < 99.5s", "avg < 10s", { threshold: "avg < 20s", exit_code: 91 }], delivered: "rate > 0.5" }
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sendpool", required=True, type=pathlib.Path)
    sendpool = parser.parse_args().sendpool.resolve()
    with tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work)
        (folder / "faces.yaml").write_text(SCENARIO)
        run = subprocess.run([sendpool, "run", "faces.yaml", "--quiet", "--out-dir", "out"], cwd=folder, check=False)
        assert run.returncode == 99, run.returncode
        summary = json.loads((folder / "out/summary.json").read_text())
        report = JUnitXml.fromfile(str(folder / "out/junit.xml"))
        (suite,) = list(report)
        broken = [one for one in summary["thresholds"] if not one["passed"]]
        assert (suite.name, suite.tests, suite.failures, suite.errors) == ("faces", 4, len(broken), 0), suite
        failed = {case.name for case in suite if any(isinstance(one, Failure) for one in case.result)}
        assert failed == {f"{one['metric']} {one['condition']}" for one in broken}, failed
        properties = {one.name: one.value for one in suite.properties()}
        assert properties["replications"] == "2" and properties["trajectory"] == summary["run"]["trajectory"]

        (folder / "bad.yaml").write_text(SCENARIO.replace("recipients", "recipiens"))
        check = subprocess.run(
            [sendpool, "validate", "faces.yaml", "bad.yaml", "--format", "sarif"],
            cwd=folder, check=False, capture_output=True, text=True,
        )
        assert check.returncode == 2, check
        (folder / "findings.sarif").write_text(check.stdout)
        found = loader.load_sarif_file(str(folder / "findings.sarif"))
        errors = [one for one in found.get_records() if one["Severity"] == "error"]
        assert errors and all(one["Location"] == "bad.yaml" for one in errors), found.get_records()
        assert any(one["Line"] == 6 for one in errors), errors
    print(f"junitparser reads 4 cases, {len(broken)} broken; sarif-tools reads {len(errors)} errors")


main()
