"""Takes the picture of the page that README and gallery show: the top of `report.html` of scenarios/black-friday.yaml.

    python3 tests/browser/picture.py [--sendpool target/release/sendpool]

Needs a Chromium and Pillow, which cuts the colours to 256 so that the picture stays small. Fonts of page text are those of the
machine, so nothing holds it to the byte; `tests/browser/check.py` holds what is on it.
"""

import argparse
import pathlib
import subprocess
import tempfile

from PIL import Image

import chromium

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
WIDTH, HEIGHT = 1040, 1650


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--sendpool", default=ROOT / "target/release/sendpool", type=pathlib.Path)
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as work, chromium.Browser(chromium.find()) as browser:
        work = pathlib.Path(work)
        run = [asked.sendpool.resolve(), "run", "scenarios/black-friday.yaml", "--quiet", "--out-dir", work / "run"]
        subprocess.run(run, cwd=ROOT, check=True)
        browser.open((work / "run/report.html").as_uri(), width=WIDTH, height=HEIGHT)
        browser.screenshot(work / "page.png", clip=(0, 0, WIDTH, HEIGHT))
        page = Image.open(work / "page.png").convert("RGB")
        # The colours that fill most of it stay as they are; edges of letters take the nearest.
        most = sorted(page.getcolors(WIDTH * HEIGHT), reverse=True)[:256]
        palette = Image.new("P", (1, 1))
        palette.putpalette([channel for _, colour in most for channel in colour])
        page.quantize(palette=palette, dither=Image.Dither.NONE).save(ROOT / "docs/images/report.png", optimize=True)


if __name__ == "__main__":
    main()
