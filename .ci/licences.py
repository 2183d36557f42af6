"""Licences, system libraries and minimum Rust versions of everything that is built: python3 .ci/licences.py

Reads `cargo metadata --locked`. What Cargo.lock alone tells (sources, versions beside each other, dependencies that nothing uses) is
held by tests/tidy.rs.
"""

import json
import re
import subprocess
import sys

# Permissive, and compatible with MIT and Apache-2.0.
ALLOWED = {"MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "0BSD", "Zlib", "BSL-1.0", "Unlicense", "Unicode-3.0"}
# Others, by package: permissive too, with conditions of their own.
BY_PACKAGE = {
    "snap": {"BSD-3-Clause"},  # binaries name its authors
    "tiny-keccak": {"CC0-1.0"},  # given to the public
    "libfuzzer-sys": {"NCSA"},  # in fuzz/ alone, which is not shipped
}
# Packages that say they link a library: these only guard against being linked twice.
LINKS = {"rayon-core", "wasm-bindgen-shared"}


def holds(expression, allowed):
    """Whether an SPDX expression can be met by allowed licences alone."""
    tokens = re.findall(r"\(|\)|[^\s()]+", expression.replace("/", " OR "))
    at = 0

    def term():
        nonlocal at
        if tokens[at] == "(":
            at += 1
            met = either()
            if tokens[at] != ")":
                raise ValueError(expression)
            at += 1
            return met
        name = tokens[at]
        at += 1
        if at < len(tokens) and tokens[at] == "WITH":
            name += " WITH " + tokens[at + 1]
            at += 2
        return name in allowed

    def both():
        nonlocal at
        met = term()
        while at < len(tokens) and tokens[at] == "AND":
            at += 1
            met = term() and met
        return met

    def either():
        nonlocal at
        met = both()
        while at < len(tokens) and tokens[at] == "OR":
            at += 1
            met = both() or met
        return met

    met = either()
    if at != len(tokens):
        raise ValueError(expression)
    return met


def check_itself():
    for expression, expected in [
        ("MIT", True),
        ("MIT/Apache-2.0", True),
        ("GPL-3.0-only", False),
        ("GPL-3.0-only OR MIT", True),
        ("MIT AND GPL-3.0-only", False),
        ("GPL-3.0-only OR MIT AND LGPL-2.1-or-later", False),
        ("(MIT OR GPL-3.0-only) AND Unicode-3.0", True),
        ("Apache-2.0 WITH LLVM-exception OR GPL-2.0-only", True),
        ("Apache-2.0 WITH Classpath-exception-2.0", False),
    ]:
        assert holds(expression, ALLOWED) == expected, expression


def version(text):
    parts = [int(part) for part in text.split(".")]
    return parts + [0] * (3 - len(parts))


def main():
    check_itself()
    told = subprocess.run(["cargo", "metadata", "--locked", "--format-version", "1"], check=True, stdout=subprocess.PIPE)
    packages = json.loads(told.stdout)["packages"]
    oldest = next(package["rust_version"] for package in packages if package["name"] == "sendpool")
    wrong = []
    used = set()
    for package in packages:
        name = package["name"]
        licence = package["license"]
        own = BY_PACKAGE.get(name, set())
        used.update([name] if own else [])
        if not licence or not holds(licence, ALLOWED | own):
            wrong.append(f"{name} {package['version']}: the licence `{licence}` is not on the list")
        if package["links"] and name not in LINKS:
            wrong.append(f"{name} {package['version']} links `{package['links']}`: no system library is needed so far")
        if package["rust_version"] and version(package["rust_version"]) > version(oldest):
            wrong.append(f"{name} {package['version']} needs Rust {package['rust_version']}; Cargo.toml says {oldest}")
    wrong += [f"{name} is on the list and not among the packages" for name in BY_PACKAGE if name not in used]
    print("\n".join(wrong) if wrong else f"{len(packages)} packages: every licence is on the list, none needs a newer Rust than {oldest}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
