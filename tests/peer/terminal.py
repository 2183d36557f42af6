"""What a person at a terminal sees, through a pseudo-terminal; the standard library alone.

Standard output and standard error are terminals or pipes of their own, so that it shows which is which: data on one, talk and
progress on the other; colours only for a terminal that wants them; progress while one long replication runs and while many
short ones do; a screen of at most 40 lines and 100 columns.

    python tests/peer/terminal.py --sendpool target/release/sendpool
"""

import argparse
import json
import os
import pty
import re
import select
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOR = re.compile(r"\x1b\[[0-9;]*m")
WRONG = []
DONE = 0


def expect(what, condition, seen=""):
    """Remembers what does not hold."""
    global DONE
    DONE += 1
    if not condition:
        WRONG.append(f"{what}\n{seen[-2000:]!r}" if seen else what)


class Stream:
    """The reader's end of a pipe or of a pseudo-terminal."""

    def __init__(self, terminal):
        self.read_end, self.write_end = pty.openpty() if terminal else os.pipe()
        self.bytes = b""

    def read(self):
        """Takes what is there; whether there may be more."""
        try:
            found = os.read(self.read_end, 65536)
        except OSError:
            # A terminal whose other end is closed.
            return False
        self.bytes += found
        return bool(found)


def run(arguments, out_is_terminal=True, err_is_terminal=True, **environment):
    """Output, errors and exit code of the program."""
    out, err = Stream(out_is_terminal), Stream(err_is_terminal)
    clean = {name: value for name, value in os.environ.items()
             if name not in ("NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY")}
    clean.update({"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"}, **environment)
    child = subprocess.Popen([str(argument) for argument in arguments], stdout=out.write_end, stderr=err.write_end,
                             stdin=subprocess.DEVNULL, env=clean)
    os.close(out.write_end)
    os.close(err.write_end)
    streams = {stream.read_end: stream for stream in (out, err)}
    while streams:
        for descriptor in select.select(list(streams), [], [])[0]:
            if not streams[descriptor].read():
                os.close(descriptor)
                del streams[descriptor]
    return out.bytes.decode(), err.bytes.decode(), child.wait()


def left_on(talk):
    """What a terminal shows in the end, of the few codes that move the cursor or clear a line."""
    lines, row, column = [""], 0, 0
    for escape, character in re.findall(r"(\x1b\[[0-9;?]*[A-Za-z])|(.|\n)", talk):
        if escape.endswith("K"):
            whole = escape == "\x1b[2K"
            lines[row] = "" if whole else lines[row][:column]
        elif escape.endswith(("A", "B")):
            step = int(escape[2:-1] or 1) * (-1 if escape.endswith("A") else 1)
            row = max(row + step, 0)
        elif character == "\r":
            column = 0
        elif character == "\n":
            row += 1
        elif character:
            lines[row] = lines[row].ljust(column)[:column] + character + lines[row][column + 1:]
            column += 1
        lines += [""] * (row + 1 - len(lines))
    return "\n".join(line.rstrip() for line in lines).strip()


def screens(sendpool, folder):
    """One screen, with colours and without."""
    scenario = ROOT / "scenarios" / "otp-burst.yaml"
    command = [sendpool, "run", scenario, "--replications", "2", "--force", "--out-dir", folder / "otp"]
    colored, talk, code = run(command)
    expect("it runs", code == 0, talk)
    expect("a terminal has colours", bool(COLOR.search(colored)), colored)
    plain = ESCAPE.sub("", colored).replace("\r\n", "\n")
    lines = plain.rstrip("\n").split("\n")
    expect(f"a screen has {len(lines)} lines", len(lines) <= 40, plain)
    # The path of the folder is the user's own.
    widest = max(len(line) for line in lines if not line.startswith("written to "))
    expect(f"a screen has {widest} columns", widest <= 100, plain)
    for what, arguments, environment, wanted in [
        ("NO_COLOR", [], {"NO_COLOR": "1"}, False),
        ("a dumb terminal", [], {"TERM": "dumb"}, False),
        ("--color never", ["--color", "never"], {}, False),
        ("--color always against NO_COLOR", ["--color", "always"], {"NO_COLOR": "1"}, True),
    ]:
        shown, _, _ = run(command + arguments, **environment)
        expect(f"{what}: colours", bool(COLOR.search(shown)) == wanted, shown)
        expect(f"{what}: other words", ESCAPE.sub("", shown).replace("\r\n", "\n") == plain, shown)
    shown, _, _ = run(command, out_is_terminal=False)
    expect("a pipe has no colours and the same words", shown == plain, shown)
    shown, _, _ = run(command + ["--color", "always"], out_is_terminal=False)
    expect("a pipe has colours when told so", bool(COLOR.search(shown)), shown)


def progress(sendpool, folder):
    """How far it is, on standard error alone."""
    long = [sendpool, "run", ROOT / "scenarios" / "black-friday.yaml", "--replications", "1", "--force",
            "--out-dir", folder / "long", "--threads", "1", "--set", "campaigns.blast.arrivals.phases[0].arrival_count=3000000"]
    shown, talk, code = run(long, out_is_terminal=False)
    expect("one long replication runs", code in (0, 99), talk)
    between = {int(percent) for percent in re.findall(r"(\d+) % of", talk) if 0 < int(percent) < 100}
    expect(f"one long replication shows {sorted(between)} per cent", len(between) >= 3, talk)
    expect("progress was there and is cleared away", "% of" in talk and "% of" not in left_on(talk), talk)
    expect("progress is no data", "% of" not in ESCAPE.sub("", shown.split("LOSS")[0]), shown)
    many = [sendpool, "run", ROOT / "scenarios" / "otp-burst.yaml", "--replications", "60", "--force",
            "--out-dir", folder / "many", "--threads", "1"]
    _, talk, _ = run(many, out_is_terminal=False)
    counts = {int(count) for count in re.findall(r"replication (\d+) of 60", talk)}
    expect(f"many replications show {sorted(counts)}", len(counts) >= 3, talk)
    _, talk, _ = run(many, err_is_terminal=False)
    expect("a pipe has no progress", "% of" not in talk and "\x1b" not in talk, talk)
    for what, command in [
        ("steady", ["steady", ROOT / "scenarios" / "otp-burst.yaml", "--warm-up", "1m", "--replications", "40", "--force",
                    "--out-dir", folder / "steady", "--threads", "1"]),
        ("baseline", ["baseline", "update", ROOT / "scenarios" / "otp-burst.yaml", "--set", "replications=40",
                      "--dir", folder / "baselines", "--threads", "1"]),
    ]:
        shown, talk, code = run([sendpool, *command])
        expect(f"{what} runs", code == 0 and shown, talk)
        expect(f"{what} shows progress and clears it away", "% of" in talk and "% of" not in left_on(talk), talk)
        shown, talk, code = run([sendpool, *command, "--quiet"])
        expect(f"{what} --quiet says nothing", (shown, talk, code) == ("", "", 0), shown + talk)


def modes(sendpool, folder):
    """Nothing, or data alone."""
    kept = [sendpool, "run", ROOT / "scenarios" / "first-send.yaml", "--force", "--out-dir", folder / "first"]
    expect("--quiet says nothing", run(kept + ["--quiet"])[:2] == ("", ""))
    broken = [sendpool, "run", ROOT / "scenarios" / "black-friday-naive.yaml", "--replications", "1", "--force", "--quiet",
              "--out-dir", folder / "broken"]
    shown, talk, code = run(broken)
    expect("a broken promise is told on standard error even with --quiet", shown == "" and "broken" in talk and code == 99, talk)
    shown, talk, code = run(kept + ["--json", "--color", "always"])
    expect("--json is JSON and nothing else", json.loads(shown)["passed"] is True and "\x1b" not in shown, shown)
    wrong = folder / "wrong.yaml"
    wrong.write_text("version: 1\nname: wrong\ncampains: {}\n")
    shown, talk, code = run([sendpool, "run", wrong])
    expect("errors are talk, in colour", shown == "" and code == 2 and bool(COLOR.search(talk)), talk)
    _, talk, _ = run([sendpool, "run", wrong], NO_COLOR="1")
    expect("errors keep to NO_COLOR", not COLOR.search(talk), talk)


def main():
    """Looks, and ends with 1 when anything is not as it should be."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--sendpool", required=True, type=Path)
    sendpool = arguments.parse_args().sendpool.resolve()
    with tempfile.TemporaryDirectory() as folder:
        for look in (screens, progress, modes):
            look(sendpool, Path(folder))
    for wrong in WRONG:
        print("WRONG", wrong)
    print(f"{DONE - len(WRONG)} of {DONE} things are at a terminal as they should be")
    sys.exit(1 if WRONG else 0)


if __name__ == "__main__":
    main()
