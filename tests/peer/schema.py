"""Holds every scenario against the JSON Schema, as an editor would.

    python tests/peer/schema.py

Good scenarios must fit, and a few wrong ones must not, so that the schema is known to refuse something.
"""

import json
import sys
from pathlib import Path

import jsonschema
import yaml

ROOT = Path(__file__).resolve().parents[2]
GOOD = [*sorted((ROOT / "scenarios").glob("*.yaml")), *sorted((ROOT / "tests/peer/scenarios").glob("*.yaml"))]
CHANGES = {
    "an unknown key": lambda scenario: scenario.update(campaing={}),
    "a sender type that does not exist": lambda scenario: next(iter(scenario["services"].values()))["senders"][0].update(type="pigeon"),
    "a rate that is none": lambda scenario: next(iter(scenario["services"].values()))["senders"][0].update(mps="fast"),
    "no campaigns": lambda scenario: scenario.pop("campaigns"),
    "a process that does not exist": lambda scenario: next(iter(scenario["campaigns"].values()))["arrivals"].update(process="magic"),
}


def main():
    schema = json.loads((ROOT / "schema/scenario.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    wrong = 0
    for path in GOOD:
        for error in validator.iter_errors(yaml.safe_load(path.read_text())):
            wrong += 1
            print(f"{path.relative_to(ROOT)}: {error.json_path}: {error.message[:200]}")
    for what, change in CHANGES.items():
        scenario = yaml.safe_load((ROOT / "scenarios/otp-burst.yaml").read_text())
        change(scenario)
        if validator.is_valid(scenario):
            wrong += 1
            print(f"the schema lets {what} pass")
    print(f"{len(GOOD)} scenarios fit the schema, {len(CHANGES)} wrong ones do not" if not wrong else f"{wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
