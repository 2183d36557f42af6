"""Opens the pages that sendpool writes in a real browser and holds them against what they must be.

    python3 tests/browser/check.py --sendpool target/release/sendpool [--screenshots DIR]

Each page: nothing on the console, no request, no overflow on a narrow screen, both themes, readable without scripts, all of it
on paper. Each figure of a run's page against `summary.json`, by parsing the text that people read. Buttons, values at the
pointer and the stretch of time by mouse. Needs a Chromium and nothing else; without one it says so and fails, as a check
that was not made is no check.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import chromium

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
WIDE, NARROW = 1100, 390
SECONDS = {"d": 86_400, "h": 3_600, "min": 60, "s": 1, "ms": 1e-3, "µs": 1e-6}


class Failures(list):
    """What was found wrong."""

    def expect(self, holds, what):
        if not holds:
            self.append(what)
            print(f"  WRONG: {what}")


def parsed(text):
    """The number that a text for people says, and what its last digit is worth; None when it says none."""
    words = text.split()
    if len(words) % 2 == 0 and words and all(unit in SECONDS for unit in words[1::2]):
        value = sum(float(number) * SECONDS[unit] for number, unit in zip(words[::2], words[1::2]))
        # To the second from a minute on, below it to the hundredth, and so on.
        digit = 1 if value >= 60 else 0.01 if value >= 1 else 1e-4 if value >= 1e-3 else 1e-9
        return value, digit
    match = re.fullmatch(r"(-?)\$?([\d,]+)(\.\d+)?( %)?", text.strip())
    if not match:
        return None
    sign, whole, fraction, percent = match.groups()
    value = float(whole.replace(",", "") + (fraction or ""))
    digit = 10 ** -len((fraction or ".")[1:])
    if percent:
        # Zeros at the end of percentages are not written.
        value, digit = value / 100, min(digit, 0.01) / 100
    return (-value if sign else value), digit


def at(document, pointer):
    """What RFC 6901 finds."""
    for key in pointer.split("/")[1:]:
        document = document[int(key)] if isinstance(document, list) else document[key]
    return document


def figures(browser, summary, failures, name):
    """Every figure of the page against the summary."""
    found = browser.run("[...document.querySelectorAll('[data-figure]')].map(one => [one.dataset.figure, one.textContent])")
    wrong = 0
    for pointer, text in found:
        value, said = at(summary, pointer), parsed(text)
        if said is None or abs(said[0] - value) > 0.5001 * said[1] + 1e-9 * abs(value):
            wrong += 1
            failures.expect(False, f"{name}: {pointer} is {value}, and the page says {text!r}")
    failures.expect(len(found) > 10, f"{name}: only {len(found)} figures can be found")
    print(f"  {len(found) - wrong} of {len(found)} figures as in summary.json")


def contrast(browser):
    """How far ink stands out from its ground (WCAG 2): 4.5 is enough for text."""
    return browser.run("""(() => {
      const light = (colour) => {
        const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map(c => c / 255)
          .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const pairs = [];
      const ground = getComputedStyle(document.body).backgroundColor;
      const figure = document.querySelector('figure');
      const inner = figure ? getComputedStyle(figure).backgroundColor : ground;
      for (const text of document.querySelectorAll('h1, h2, .lead, .note, a, th')) {
        pairs.push([getComputedStyle(text).color, ground]);
      }
      for (const text of document.querySelectorAll('figure svg > text')) pairs.push([getComputedStyle(text).fill, inner]);
      const ratio = ([a, b]) => {
        const [x, y] = [light(a), light(b)].sort((m, n) => n - m);
        return (x + 0.05) / (y + 0.05);
      };
      return Math.min(...pairs.map(ratio));
    })()""")


def quiet(browser, failures, name):
    """Nothing asked for, nothing complained of."""
    failures.expect(browser.requests() == [], f"{name}: asks for {browser.requests()}")
    failures.expect(browser.complaints() == [], f"{name}: the console says {browser.complaints()}")


def every_page(browser, path, failures, name, shots):
    """What holds of every page."""
    url = path.resolve().as_uri()
    size = path.stat().st_size
    failures.expect(size < 500_000, f"{name}: {size} bytes")
    grounds = []
    for theme in ["light", "dark"]:
        for width in [WIDE, NARROW]:
            browser.open(url, width=width, theme=theme)
            quiet(browser, failures, f"{name}, {theme}, {width}")
            across = browser.run("document.documentElement.scrollWidth")
            failures.expect(across <= width, f"{name}: {across} pixels across on a screen of {width}")
            low = contrast(browser)
            failures.expect(low >= 4.5, f"{name}, {theme}: text stands out by {low:.2f} only")
            if shots:
                browser.screenshot(shots / f"{name}-{theme}-{width}.png")
        grounds.append(browser.run("getComputedStyle(document.body).backgroundColor"))
        # The button turns it round, whatever the system says.
        browser.run("document.querySelector('#theme').click()")
        grounds.append(browser.run("getComputedStyle(document.body).backgroundColor"))
    light, dark, again_dark, again_light = grounds
    failures.expect(light == again_light and dark == again_dark and light != dark, f"{name}: themes {grounds}")
    # Labels of charts do not run over each other or out of their picture.
    browser.open(url, width=WIDE)
    overlaps = browser.run("""(() => {
      const found = [];
      for (const svg of document.querySelectorAll('figure svg')) {
        const frame = svg.getBoundingClientRect();
        const texts = [...svg.querySelectorAll('text')].map(text => [text.textContent, text.getBoundingClientRect()]);
        for (const [text, box] of texts) {
          if (box.left < frame.left - 1 || box.right > frame.right + 1) found.push(`${text} leaves its chart`);
        }
        texts.forEach(([text, a], index) => texts.slice(index + 1).forEach(([other, b]) => {
          const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
          const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
          if (wide > 2 && high > 6) found.push(`${text} meets ${other}`);
        }));
      }
      return found;
    })()""")
    failures.expect(overlaps == [], f"{name}: {overlaps[:5]}")
    # Without scripts: the charts and the tables are there, and no button that does nothing.
    browser.open(url, scripts=False)
    text = path.read_text(encoding="utf-8")
    failures.expect(text.count("<figure") == text.count("<svg"), f"{name}: each figure holds its chart before any script")
    if shots:
        browser.screenshot(shots / f"{name}-without-scripts.png")
    # On paper: light, and nothing to click.
    browser.open(url, theme="dark", media="print")
    paper = browser.run("getComputedStyle(document.body).backgroundColor")
    failures.expect(paper == "rgb(255, 255, 255)", f"{name}: paper is {paper}")
    seen = browser.run("[...document.querySelectorAll('button')].filter(one => one.offsetParent !== null).length")
    failures.expect(seen == 0, f"{name}: {seen} buttons on paper")
    if shots:
        browser.pdf(shots / f"{name}.pdf")


def charts(browser, path, failures, name):
    """Buttons of series, values at the pointer, and a stretch of time."""
    browser.open(path.resolve().as_uri(), width=WIDE)
    chart = "document.querySelector('figure[data-chart=\"backlog\"]')"
    buttons = browser.run(f"{chart}.querySelectorAll('button[aria-pressed]').length")
    if buttons:
        visible = f"[...{chart}.querySelectorAll('.series[data-series=\"0\"]')].filter(one => !one.classList.contains('off')).length"
        before = browser.run(visible)
        browser.run(f"{chart}.querySelector('button[aria-pressed]').click()")
        failures.expect(before > 0 and browser.run(visible) == 0, f"{name}: a series can be hidden")
        failures.expect(browser.run(f"{chart}.querySelector('button').getAttribute('aria-pressed')") == "false",
                        f"{name}: its button says so")
        browser.run(f"{chart}.querySelector('button[aria-pressed]').click()")
        failures.expect(browser.run(visible) == before, f"{name}: and shown again")
    browser.run(f"{chart}.scrollIntoView({{block: 'center'}})")
    box = browser.run(f"(() => {{ const b = {chart}.querySelector('svg').getBoundingClientRect(); return [b.left, b.top, b.width, b.height]; }})()")
    data = browser.run(f"JSON.parse({chart}.querySelector('script').textContent)")
    scale = box[2] / 800
    left, top, right, bottom = data["frame"]
    place = lambda share, down=0.5: (box[0] + scale * (left + share * (right - left)), box[1] + scale * (top + down * (bottom - top)))
    # The told values are those of the chart's own data, at the nearest place.
    index = len(data["x"]) // 4
    browser.mouse("mouseMoved", box[0] + scale * data["x"][index], place(0)[1])
    told = browser.run(f"{chart}.querySelector('.told').hidden ? null : {chart}.querySelector('.told').textContent")
    failures.expect(told is not None and data["at"][index] in told, f"{name}: the pointer at {data['at'][index]} is told {told}")
    for series in data["series"]:
        text = series["text"][index]
        failures.expect(text is None or text in (told or ""), f"{name}: {series['name']}: {text} is not in {told}")
    # A quarter of the time, drawn with the mouse.
    ticks = f"[...{chart}.querySelectorAll('.closer text')].map(one => one.textContent)"
    browser.mouse("mousePressed", *place(0.25), button="left")
    browser.mouse("mouseMoved", *place(0.4), button="left")
    browser.mouse("mouseReleased", *place(0.5), button="left")
    closer = browser.run(ticks)
    failures.expect(len(closer) >= 2, f"{name}: after a stretch the clock shows {closer}")
    scaled = browser.run(f"{chart}.querySelector('.plot').transform.baseVal[0].matrix.a")
    failures.expect(abs(scaled - 4) < 0.1, f"{name}: a quarter of the time is drawn {scaled} times as wide")
    failures.expect(not browser.run(f"{chart}.querySelector('.reset').hidden"), f"{name}: a button leads back")
    browser.run(f"{chart}.querySelector('.reset').click()")
    failures.expect(browser.run(ticks) == [], f"{name}: and it does")
    # The same with a finger or from the keyboard: four times as close, on to later, and wider until all of it is there.
    step = lambda label: browser.run(f"{chart}.querySelector('.step[aria-label=\"{label}\"]').click()")
    step("Look closer")
    step("Look closer")
    scaled = browser.run(f"{chart}.querySelector('.plot').transform.baseVal[0].matrix.a")
    before = browser.run(ticks)
    step("Later")
    failures.expect(abs(scaled - 4) < 0.1 and browser.run(ticks) != before, f"{name}: buttons look closer, and later")
    for _ in range(3):
        step("Look wider")
    failures.expect(browser.run(ticks) == [], f"{name}: and wider, until all of it is there")
    quiet(browser, failures, f"{name}, touched")


# Text that would be markup or script where it is not escaped, in every name a scenario may choose.
HOSTILE = """
version: 1
name: hostile
description: "</script><script>window.broken = 1</script><img src=x onerror='window.broken = 1'> & <b>bold</b>?"
services: { hello: { senders: [{ id: desk, type: long_code, country: CA, mps: 5/s }] } }
campaigns:
  greeting:
    service: hello
    body: "</script><script>window.broken = 1</script>"
    recipients: { CA: 1 }
    arrivals: { phases: [{ duration: 60s, arrival_count: 300 }] }
"""


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--sendpool", default=ROOT / "target/release/sendpool", type=pathlib.Path)
    arguments.add_argument("--screenshots", type=pathlib.Path, help="where to save what the pages look like")
    asked = arguments.parse_args()
    path = chromium.find()
    if path is None:
        sys.exit("no Chromium: install Debian's package chromium, or name one by the variable CHROMIUM")
    if asked.screenshots:
        asked.screenshots.mkdir(parents=True, exist_ok=True)
    failures = Failures()
    with tempfile.TemporaryDirectory() as work, chromium.Browser(path) as browser:
        work = pathlib.Path(work)
        sendpool = asked.sendpool.resolve()

        def call(*words):
            done = subprocess.run([sendpool, *words], cwd=work, capture_output=True, text=True)
            # Promises are judged elsewhere.
            if done.returncode not in (0, 99):
                sys.exit(f"{words}: {done.stderr}")

        (work / "hostile.yaml").write_text(HOSTILE, encoding="utf-8")
        scenario = lambda name: str(ROOT / f"scenarios/{name}.yaml")
        for name in ["black-friday-naive", "two-way", "first-send", "snowshoe"]:
            call("run", scenario(name), "--quiet", "--replications", "3", "--out-dir", name)
        call("run", "hostile.yaml", "--quiet", "--out-dir", "hostile")
        for name in ["black-friday-naive", "two-way", "first-send", "snowshoe", "hostile"]:
            print(f"{name}:")
            page = work / name / "report.html"
            every_page(browser, page, failures, name, asked.screenshots)
            browser.open(page.resolve().as_uri(), width=WIDE)
            summary = json.loads((work / name / "summary.json").read_text(encoding="utf-8"))
            figures(browser, summary, failures, name)
            inlined = browser.run("JSON.parse(document.querySelector('#data').textContent)")
            for key in ["overall", "thresholds", "campaigns", "lanes", "scenario"]:
                failures.expect(inlined[key] == summary[key], f"{name}: the inlined {key} are not those of summary.json")
            failures.expect(browser.run("window.broken") is None, f"{name}: text of the scenario became a script")
            charts(browser, page, failures, name)
        print("overlay:")
        call("report", "black-friday-naive", "two-way", "first-send", "-o", "overlay.html")
        every_page(browser, work / "overlay.html", failures, "overlay", asked.screenshots)
        charts(browser, work / "overlay.html", failures, "overlay")
        print("sweep and comparison:")
        rates = "services.login.senders[0].mps=50/s,100/s,150/s"
        call("sweep", scenario("otp-burst"), "--vary", rates, "--replications", "3", "--quiet", "--out-dir", "sweep")
        every_page(browser, work / "sweep/report.html", failures, "sweep", asked.screenshots)
        with_faster = ["--with", "services.login.senders[0].mps=150/s"]
        call("compare", scenario("otp-burst"), *with_faster, "--replications", "3", "--quiet", "--out-dir", "compare")
        every_page(browser, work / "compare/report.html", failures, "compare", asked.screenshots)
        charts(browser, work / "compare/report.html", failures, "compare")
    if failures:
        sys.exit(f"{len(failures)} things are wrong")
    print("pages are as they should be")


if __name__ == "__main__":
    main()
