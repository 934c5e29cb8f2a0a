"""Headless Chromium for tests, driven by its DevTools protocol over a pipe.

A pipe needs no port and no package. What the page says, asks for and breaks is collected, so
that a test can look at it. Without Chromium the tests that need it are skipped.
"""

import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    # A frame that is shut off is run like the page around it, so that a test can look inside.
    "--disable-features=IsolateSandboxedIframes",
    "--remote-debugging-pipe",
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PATIENCE = 60.0

# The browser reads from file 3 and writes to file 4: put ours there, then become the browser.
_PLACING = """
import os, sys
from fcntl import F_DUPFD, fcntl
reads, writes = (fcntl(int(number), F_DUPFD, 10) for number in sys.argv[1:3])
os.dup2(reads, 3)
os.dup2(writes, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""

KEYS = {
    "ArrowRight": 39,
    "ArrowLeft": 37,
    "ArrowUp": 38,
    "ArrowDown": 40,
    "Home": 36,
    "End": 35,
    "Enter": 13,
    "Tab": 9,
    " ": 32,
}


def find() -> str | None:
    """Return the path of Chromium, or None."""
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


needs_chromium = pytest.mark.skipif(find() is None, reason="needs Chromium")


class Browser:
    """One page of a browser that is running.

    Attributes:
        complaints: errors, warnings and violations of the policy, as they came.
        requests: addresses that were asked for.
    """

    def __init__(self, sending: int, receiving: int) -> None:
        self._sending, self._receiving = sending, receiving
        self._waiting = b""
        self._count = 0
        self._session: str | None = None
        self.complaints: list[str] = []
        self.requests: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log", "Audits", "Accessibility"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> Any:
        """Return the answer of the browser to one command."""
        self._count += 1
        message: dict[str, Any] = {"id": self._count, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._sending, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self._note(answer)

    def _receive(self) -> Any:
        end = time.monotonic() + PATIENCE
        while b"\0" not in self._waiting:
            ready, _, _ = select.select([self._receiving], [], [], end - time.monotonic())
            if not ready:
                raise TimeoutError(f"Chromium did not answer for {PATIENCE:g} s")
            piece = os.read(self._receiving, 1 << 16)
            if not piece:
                raise EOFError("Chromium has ended")
            self._waiting += piece
        message, _, self._waiting = self._waiting.partition(b"\0")
        return json.loads(message)

    def _note(self, event: Mapping[str, Any]) -> None:
        kind, what = event.get("method"), event.get("params", {})
        if kind == "Runtime.exceptionThrown":
            details = what["exceptionDetails"]
            self.complaints.append(
                str(details.get("exception", {}).get("description") or details["text"])
            )
        elif kind == "Runtime.consoleAPICalled":
            self.complaints.append(f"console.{what['type']}: {what['args']}")
        elif kind == "Log.entryAdded":
            self.complaints.append(str(what["entry"]["text"]))
        elif kind == "Audits.issueAdded":
            self.complaints.append(str(what["issue"]["code"]))
        elif kind == "Network.requestWillBeSent":
            self.requests.append(str(what["request"]["url"]))

    # -- what a test does ------------------------------------------------------------------

    def open(self, address: str | Path) -> None:
        """Go to a page that is not open yet, and wait until it has run."""
        url = address.as_uri() if isinstance(address, Path) else address
        self.complaints.clear()
        self.requests.clear()
        self.call("Page.navigate", url=url)
        end = time.monotonic() + PATIENCE
        while self.run("document.readyState") != "complete":
            if time.monotonic() > end:
                raise TimeoutError(f"{url} did not load")
            time.sleep(0.01)

    def run(self, script: str) -> Any:
        """Return what a script gives, as JSON would hold it."""
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description", details))
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press a key and let it go."""
        named = key in KEYS
        common = {
            "key": key,
            "code": key if named and key != " " else "",
            "windowsVirtualKeyCode": KEYS.get(key, ord(key[0])),
        }
        typed = {"Enter": "\r"}.get(key, "" if named and key != " " else key)
        text = {"text": typed} if typed else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", **common, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def size(self, width: int, height: int) -> None:
        """Give the window a size."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip

    def prefer(self, **features: str) -> None:
        """Pretend that the person prefers something: color_scheme="dark"; media="print"."""
        media = features.pop("media", "")
        self.call(
            "Emulation.setEmulatedMedia",
            media=media,
            features=[
                {"name": f"prefers-{name.replace('_', '-')}", "value": value}
                for name, value in features.items()
            ],
        )

    def screenshot(self, path: Path) -> None:
        """Write what is to be seen as PNG."""
        import base64  # noqa: PLC0415 - for people who look, not for tests

        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))


@contextmanager
def running() -> Iterator[Browser]:
    """Yield a browser, and end it afterwards."""
    program = find()
    assert program is not None, "needs Chromium"
    to_browser, from_us = os.pipe()
    from_browser, to_us = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [
            *(sys.executable, "-c", _PLACING, str(to_browser), str(to_us)),
            *(program, *FLAGS, f"--user-data-dir={profile}"),
        ]
        started = subprocess.Popen(
            command,
            pass_fds=(to_browser, to_us),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(to_us)
        try:
            browser = Browser(from_us, from_browser)
            yield browser
            with suppress(EOFError, BrokenPipeError):
                browser._session = None
                browser.call("Browser.close")
        finally:
            os.close(from_us)
            os.close(from_browser)
            try:
                started.wait(10)
            except subprocess.TimeoutExpired:
                started.kill()
                started.wait()
