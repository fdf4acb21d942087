"""A headless browser without a limit of frames, with a page that knows the canvas and the viewers beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pyvis
from playwright.sync_api import Browser, Page, Playwright

from tests.e2e.browser import FLAGS, MISSING, find

ROOT = Path(__file__).resolve().parents[1]
VIS = Path(str(pyvis.__file__)).parent / "lib" / "vis-9.1.2" / "vis-network.min.js"
CYTOSCAPE = ROOT / "node_modules" / "cytoscape" / "dist" / "cytoscape.min.js"
UNLIMITED = (
    "--disable-frame-rate-limit",
    "--disable-gpu-vsync",
    "--enable-precise-memory-info",
    "--js-flags=--expose-gc",
)
FILES: Mapping[str, Path] = {
    "/viewers.js": ROOT / "benchmarks" / "viewers.js",
    "/vis.js": VIS,
    "/cytoscape.js": CYTOSCAPE,
}
PAGE = b"""<!doctype html><meta charset="utf-8"><title>Viewers</title><body style="margin: 0">
<script src="/vis.js"></script><script src="/cytoscape.js"></script>
<script type="module">import * as all from "/viewers.js"; Object.assign(window, all, { ready: true });</script>"""


class _Files(SimpleHTTPRequestHandler):
    def translate_path(self, path: str) -> str:
        name = path.partition("?")[0]
        if name.startswith("/frontend/"):
            return str(ROOT / "explorer" / "canvas" / name.lstrip("/"))
        return str(FILES.get(name, ROOT / "nowhere"))

    def do_GET(self) -> None:
        if self.path != "/":
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: stdout is the table alone."""


def unlimited(playwright: Playwright) -> Browser:
    """A headless browser that draws as many frames as it can. Raises FileNotFoundError where there is none."""
    path = find()
    if path is None:
        raise FileNotFoundError(MISSING)
    return playwright.chromium.launch(executable_path=path, args=[*FLAGS, *UNLIMITED])


@contextmanager
def served() -> Iterator[str]:
    """The address of the page. Raises FileNotFoundError where a viewer is not installed."""
    missing = [str(file) for file in FILES.values() if not file.exists()]
    if missing:
        raise FileNotFoundError(f"{', '.join(missing)} is missing: run `npm ci`, and `make setup` for pyvis.")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def opened(browser: Browser, url: str, ratio: float = 1.0) -> Page:
    """The page, ready, at so many device pixels a CSS pixel."""
    context = browser.new_context(viewport={"width": 1240, "height": 840}, device_scale_factor=ratio)
    page = context.new_page()
    page.set_default_timeout(300_000)
    page.goto(url)
    page.wait_for_function("window.ready")
    return page
