"""A headless Chromium over its own pipe: commands in, events out. Nothing but the standard library.

The protocol is the browser's (https://chromedevtools.github.io/devtools-protocol): JSON messages that end with a zero byte,
read from descriptor 3 and written to 4. Not here: what is checked.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
DEADLINE_SECONDS = 60


def find():
    """The browser's path, or None."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for path in map(shutil.which, NAMES) if path), None)


class Browser:
    """A browser with one page at a time."""

    def __init__(self, path):
        self.profile = tempfile.TemporaryDirectory(prefix="sendpool-browser-")
        command_read, self.command = os.pipe()
        self.answers, answer_write = os.pipe()
        os.set_inheritable(command_read, True)
        os.set_inheritable(answer_write, True)

        def descriptors():
            # Above 4 first, so that neither overwrites the other.
            read, write = os.dup(command_read), os.dup(answer_write)
            os.dup2(read, 3)
            os.dup2(write, 4)

        self.process = subprocess.Popen(
            [path, "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking", "--disable-extensions",
             "--disable-component-update", "--disable-sync", "--mute-audio", f"--user-data-dir={self.profile.name}"],
            close_fds=False, preexec_fn=descriptors, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(command_read)
        os.close(answer_write)
        self.buffer = b""
        self.next = 0
        self.session = None
        self.events = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=DEADLINE_SECONDS)
        try:
            self.profile.cleanup()
        except OSError:
            pass  # The browser's children may still write into it.

    def _receive(self, deadline):
        while b"\0" not in self.buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.answers], [], [], left)[0]:
                raise TimeoutError("the browser does not answer")
            more = os.read(self.answers, 1 << 16)
            if not more:
                raise RuntimeError("the browser has gone")
            self.buffer += more
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def send(self, method, **parameters):
        """One command; returns its result."""
        self.next += 1
        message = {"id": self.next, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.command, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + DEADLINE_SECONDS
        while True:
            answer = self._receive(deadline)
            if answer.get("id") == self.next:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            if "method" in answer:
                self.events.append(answer)

    def until(self, method):
        """Waits for an event."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not any(event["method"] == method for event in self.events):
            answer = self._receive(deadline)
            if "method" in answer:
                self.events.append(answer)

    def open(self, url, width=1100, height=900, theme="light", scripts=True, media="screen"):
        """Opens a page of its own in a window of that size, and forgets the one before."""
        self.session = None
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Network", "Log"]:
            self.send(f"{domain}.enable")
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.send("Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": theme}])
        self.send("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.events = []
        self.send("Page.navigate", url=url)
        self.until("Page.loadEventFired")

    def run(self, expression):
        """What an expression of JavaScript comes to."""
        found = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise RuntimeError(f"{expression}: {found['exceptionDetails']}")
        return found["result"].get("value")

    def mouse(self, kind, x, y, button="none"):
        """Moves or presses the mouse."""
        self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button=button, buttons=int(button == "left"),
                  clickCount=int(kind != "mouseMoved"))

    def screenshot(self, path, whole=True, clip=None):
        """Saves what is seen as PNG; the whole page, or a part of it (x, y, width, height)."""
        more = {}
        if clip:
            more["clip"] = dict(zip(["x", "y", "width", "height"], clip), scale=1)
        shot = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole or bool(clip), **more)
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def pdf(self, path):
        """Prints the page."""
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.send("Page.printToPDF", printBackground=True)["data"]))

    def requests(self):
        """What the page asked for, beside itself."""
        urls = [event["params"]["request"]["url"] for event in self.events if event["method"] == "Network.requestWillBeSent"]
        return [url for url in urls if not url.startswith("data:")][1:]

    def complaints(self):
        """Errors and warnings of the console, and exceptions."""
        told = []
        for event in self.events:
            parameters = event["params"]
            if event["method"] == "Runtime.exceptionThrown":
                told.append(parameters["exceptionDetails"].get("exception", {}).get("description", "an exception"))
            elif event["method"] == "Log.entryAdded":
                told.append(parameters["entry"]["text"])
            elif event["method"] == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning", "assert"):
                told.append(str(parameters["args"]))
        return told
