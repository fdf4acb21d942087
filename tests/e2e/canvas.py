"""What a test says to the canvas and reads from it: its root element's attributes, keys, the mouse."""

from __future__ import annotations

import re
from collections.abc import Iterable

from playwright.sync_api import ConsoleMessage, Locator, Page, WebSocket, expect

WAIT_MS = 30_000
_NOT_EMPTY = re.compile(".+")
WATCH = """() => {
  const send = WebSocket.prototype.send, app = document.querySelector('[data-testid="stApp"]');
  window.asked = window.answered = 0;
  WebSocket.prototype.send = function (...sent) { window.asked = performance.now(); return send.apply(this, sent); };
  new MutationObserver(() => {
    if (app.dataset.testScriptState === "notRunning") window.answered = performance.now();
  }).observe(app, { attributes: true, attributeFilter: ["data-test-script-state"] });
}"""
ANSWERED = """() => document.querySelector('[data-testid="stApp"]').dataset.testScriptState === "notRunning"
  && (window.answered >= window.asked || performance.now() - window.asked > 5000)"""
"""Not everything that the page sends is answered by a run; what is, begins to be within five seconds."""
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


class Canvas:
    """The canvas on a page, and what the page's console and websocket did since it was opened.

    ``errors`` holds the console's errors and uncaught exceptions, ``frames`` every websocket frame that the
    page sent to Python.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.frames: list[str | bytes] = []
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("websocket", self._on_websocket)

    @property
    def root(self) -> Locator:
        """The component's root element; CSS locators see through its shadow root."""
        return self.page.locator('[data-testid="graph-canvas"]')

    def open(self, url: str) -> Canvas:
        """Go to ``url`` and wait until the canvas has a trace and Python is at rest."""
        self.page.goto(url)
        expect(self.root).to_have_attribute("data-steps", _NOT_EMPTY, timeout=2 * WAIT_MS)
        return self.settle()

    def settle(self) -> Canvas:
        """Wait until no script run is under way."""
        app = self.page.locator('[data-testid="stApp"]')
        expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=WAIT_MS)
        # What has just been drawn tells of itself a frame later: a hand is never as quick as a test.
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=WAIT_MS)
        return self

    def watch(self) -> Canvas:
        """From now on ``rest`` knows what the page has sent to Python and when that was answered."""
        self.page.evaluate(WATCH)
        return self

    def rest(self) -> Canvas:
        """Wait until Python has answered whatever was sent since ``watch``, and the answer is painted."""
        self.page.evaluate(FRAMES)
        self.page.wait_for_function(ANSWERED, timeout=WAIT_MS)
        self.page.evaluate(FRAMES)
        return self

    def data(self, name: str) -> str:
        """The value of the root's attribute ``data-<name>``; "" where it has none."""
        return self.root.get_attribute(f"data-{name}") or ""

    @property
    def step(self) -> int:
        return int(self.data("step"))

    @property
    def steps(self) -> int:
        return int(self.data("steps"))

    def wait(self, **values: object) -> Canvas:
        """Wait until each ``data-<name>`` equals its value: ``canvas.wait(step=3, phase="backward")``."""
        for name, value in values.items():
            expect(self.root).to_have_attribute(f"data-{name}", str(value), timeout=WAIT_MS)
        return self

    def wait_for_new(self, name: str, old: str) -> str:
        """Wait until ``data-<name>`` is no longer ``old``, and return what it is then."""
        expect(self.root).not_to_have_attribute(f"data-{name}", old, timeout=WAIT_MS)
        return self.data(name)

    def focus(self) -> Canvas:
        self.root.focus()
        return self

    def press(self, *keys: str) -> Canvas:
        """Press ``keys`` one after the other on the focused canvas: ``press("ArrowRight", "End")``."""
        self.focus()
        return self.type(keys)

    def type(self, keys: Iterable[str]) -> Canvas:
        """Press ``keys`` on whatever has the focus."""
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def position(self, node: str) -> tuple[float, float]:
        """The centre of a node's card in page coordinates (CSS pixels)."""
        place = self.root.evaluate("(root, node) => root.explorer.position(node)", node)
        assert place is not None, f"the canvas knows no node {node!r}"
        return place["x"], place["y"]

    def box(self, node: str) -> dict[str, float]:
        """A card's ``x``, ``y``, ``width`` and ``height`` in page coordinates."""
        found: dict[str, float] = self.root.evaluate("(root, node) => root.explorer.box(node)", node)
        return found

    def number(self, node: str) -> tuple[float, float]:
        """Where the number of a near card stands."""
        card = self.box(node)
        return card["x"] + 0.88 * card["width"], card["y"] + 0.3 * card["height"]

    def hover(self, node: str) -> Canvas:
        self.page.mouse.move(*self.position(node))
        return self

    def click(self, node: str) -> Canvas:
        self.page.mouse.click(*self.position(node))
        return self

    def drag(self, node: str, dx: float, dy: float = 0.0, *, release: bool = True) -> Canvas:
        """Press on a node's centre and move by ``dx``, ``dy`` pixels in ten moves; let go if ``release``."""
        x, y = self.position(node)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + dx, y + dy, steps=10)
        if release:
            self.page.mouse.up()
        return self

    def exceptions(self) -> list[str]:
        """The texts of the exceptions that Streamlit shows on the page."""
        return self.page.locator('[data-testid="stException"]').all_inner_texts()

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def _on_websocket(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: self.frames.append(frame))
