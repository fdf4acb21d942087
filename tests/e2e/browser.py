"""The Chromium that the browser tests drive: where it is, how it is got, how it is started.

``python -m tests.e2e.browser`` prints its path; where there is none it installs Debian's if it may, or says
what to install and exits with 1.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_APPS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MISSING = (
    "No Chromium was found, and the browser tests need one. Install it (Debian, Ubuntu: apt-get install "
    "chromium; macOS: brew install --cask chromium) or set CHROMIUM to the path of a Chromium or Chrome. "
    "All other tests run with: .venv/bin/pytest --ignore=tests/e2e"
)


def find() -> str | None:
    """The path of a Chromium or Chrome: $CHROMIUM first, then the PATH, then the macOS apps."""
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        return shutil.which(chosen)
    found = (shutil.which(name) for name in (*NAMES, *MAC_APPS))
    return next((path for path in found if path), None)


def install() -> None:
    """Install Debian's Chromium where we are root on a machine with apt-get; elsewhere do nothing."""
    if not (hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")):
        return
    for command in (
        ["update"],
        ["install", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
    ):
        subprocess.run(["apt-get", "-q", *command], check=False, stdout=sys.stderr)


def launch(playwright: Playwright) -> Browser:
    """A headless browser. Raises FileNotFoundError, saying what to install, where there is none."""
    path = find()
    if path is None:
        raise FileNotFoundError(MISSING)
    return playwright.chromium.launch(executable_path=path, args=list(FLAGS))


def main() -> int:
    if find() is None:
        install()
    print(find() or MISSING, file=sys.stdout if find() else sys.stderr)
    return 0 if find() else 1


if __name__ == "__main__":
    sys.exit(main())
