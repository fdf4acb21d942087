"""How long a user waits in a real browser: for a step by keyboard, and for an edited input to come back.

A latency runs from the time stamp of the user's event to the end of the frame in which the canvas paints what
it led to: the frame's callbacks and drawing are done, and its attribute says so. It holds the wait for the
frame to begin, up to 16.7 ms at 60 Hz. Beside it stands what the browser itself counts until the picture is on
screen (Event Timing, in steps of 8 ms), and the same keys on an empty page.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

from playwright.sync_api import Locator, Page, ViewportSize, sync_playwright

from benchmarks.table import Row, progress, spread
from tests.e2e.browser import launch
from tests.e2e.canvas import Canvas
from tests.e2e.server import serve

STEPS = 120
EDITS = 40
SCREEN = ViewportSize(width=1440, height=900)
EMPTY = """<canvas width="900" height="600"></canvas><div data-step="0"></div><script>
    const [canvas, counter] = document.body.children;
    addEventListener("keydown", () => {
        counter.dataset.step++;
        requestAnimationFrame(() => canvas.getContext("2d").fillRect(counter.dataset.step, 0, 9, 9));
    });
</script>"""
"""The least that a page can do with a key: a number goes up and a square is painted."""

PROBE = """(root, [event, attribute]) => {
    let happened = 0;
    const times = [], work = [];
    const note = (e) => { happened = e.timeStamp; };
    window.addEventListener(event, note, { capture: true });
    const channel = new MessageChannel();
    let [shown, tell, open] = [root.getAttribute(attribute), () => {}, null];
    const close = () => {
        if (!open) return;
        const [end, { changed, frame }] = [performance.now(), open];
        open = null;
        times.push(end - happened);
        work.push(changed - happened + end - Math.max(frame, changed));
        shown = root.getAttribute(attribute);
        tell();
    };
    channel.port1.onmessage = close;
    const ask = requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (paint) => ask((frame) => {
        if (open && frame > open.frame) close();
        paint(frame);
    });
    const onChange = () => {
        const changed = performance.now();
        ask((frame) => {
            open = { changed, frame };
            channel.port2.postMessage(0);
        });
    };
    new MutationObserver(onChange).observe(root, { attributes: true, attributeFilter: [attribute] });
    root.latencies = times;
    root.work = work;
    root.painted = (old) => new Promise((done) => {
        tell = () => shown !== old && done();
        tell();
    });
}"""
"""``root.painted(old)`` is kept once something else than ``old`` is painted; nobody asks the page while it works.

``root.latencies`` hold the wait for the frame to begin, ``root.work`` does not: from the event to the change of the
attribute, and from the frame's start to its end. A frame has ended when the next task runs or the next frame begins;
after a key the browser may put tasks off though it has nothing to do, and then the end is noted late.
"""

SHOWN = """() => {
    window.shown = [];
    const note = ({ name, duration }) => name === "keydown" && window.shown.push(duration);
    const hear = (list) => list.getEntries().forEach(note);
    new PerformanceObserver(hear).observe({ type: "event", durationThreshold: 16 });
}"""
"""``window.shown``: how long the browser counts from a key to the picture, where that is 16 ms or more."""

LATENCIES = "root => root.latencies"
PACES = {
    "by hand, a key every 60 to 400 ms": (0.060, 0.400),
    "key held down, 30 a second": (1 / 30, 1 / 30),
    "each key as soon as the last step is painted": (0.0, 0.0),
}
"""How the keys follow each other, in seconds from one to the next."""


def rows() -> Iterator[Row]:
    progress(f"{STEPS} steps and {EDITS} edits in a browser ...")
    with serve() as server, sync_playwright() as playwright:
        browser = launch(playwright)
        canvas = Canvas(browser.new_page(viewport=SCREEN)).open(server.url)
        yield from _step_rows(canvas, browser.new_page(viewport=SCREEN))
        yield from _edit_rows(Canvas(browser.new_page()).open(server.url))
        yield from _typed_rows(Canvas(browser.new_page()).open(server.url))
        yield Row("Browser", f"Chromium {browser.version}, headless, without a GPU")
        browser.close()


def _step_rows(canvas: Canvas, empty: Page) -> Iterator[Row]:
    """To the end and back by keyboard, and the same keys on an empty page, at each pace."""
    canvas.press("Home").wait(step=0).settle()
    _probe(canvas, "keydown", "data-step")
    empty.set_content(EMPTY)
    counter = empty.locator("div")
    counter.evaluate(PROBE, ["keydown", "data-step"])
    for page in (canvas.page, empty):
        page.evaluate(SHOWN)
    frames_before, keys = len(canvas.frames), _to_and_fro(canvas.steps)
    for pace, (least, most) in PACES.items():
        _press(canvas.root, keys, least, most)
        yield Row(f"Step by keyboard, {pace}: key to painted frame", spread(canvas.root.evaluate(LATENCIES)))
        yield Row("- without the wait for the frame to begin", spread(canvas.root.evaluate("root => root.work")))
        yield Row("- until on screen, as the browser counts it", _shown(canvas.page))
        _press(counter, keys, least, most)
        yield Row("- the same keys on an empty page: key to painted frame", spread(counter.evaluate(LATENCIES)))
    yield Row(f"Websocket frames sent during {len(PACES) * STEPS} steps", str(len(canvas.frames) - frames_before))


def _press(root: Locator, keys: Iterator[str], least: float, most: float) -> None:
    """``STEPS`` keys, each ``least`` to ``most`` seconds after the one before, and painted before the next."""
    root.page.bring_to_front()
    root.evaluate("root => (root.latencies.length = root.work.length = window.shown.length = 0)")
    chance, due = random.Random(0), time.monotonic()
    for _ in range(STEPS):
        time.sleep(max(0.0, due - time.monotonic()))
        due = time.monotonic() + chance.uniform(least, most)
        old = root.get_attribute("data-step")
        root.page.keyboard.press(next(keys))
        root.evaluate("(root, old) => root.painted(old)", old)


def _to_and_fro(steps: int) -> Iterator[str]:
    """Keys that lead from the first step to the last, back, and so on."""
    while True:
        yield from ["ArrowRight"] * steps
        yield from ["ArrowLeft"] * steps


def _shown(page: Page) -> str:
    """How many keys were answered on screen within a frame of 60 Hz: Event Timing counts in steps of 8 ms."""
    late: list[float] = [duration for duration in page.evaluate("window.shown") if duration > 16]
    return f"16 ms or less for {STEPS - len(late)} of {STEPS}, at most {max(late, default=16):.0f} ms"


def _edit_rows(canvas: Canvas) -> Iterator[Row]:
    """One drag on the number of an input's card, a move of the mouse at a time, each answered by Python."""
    x, y = canvas.number("a")
    canvas.page.mouse.move(x, y)
    canvas.page.mouse.down()
    canvas.page.mouse.move(x + 8, y)
    _probe(canvas.settle(), "pointermove", "data-rev")
    for turn in range(EDITS):
        rev = canvas.data("rev")
        canvas.page.mouse.move(x + 10 + 2 * turn, y)
        painted(canvas, rev)
    canvas.page.mouse.up()
    yield Row("Edit by dragging an input, move to painted values and gradients", spread(latencies(canvas, EDITS)))


def _typed_rows(canvas: Canvas) -> Iterator[Row]:
    """Numbers typed into the sidebar, each entered when the page has come to rest."""
    field = canvas.page.get_by_label("a", exact=True).first
    _probe(canvas.settle(), "keydown", "data-rev")
    for turn in range(EDITS):
        rev = canvas.data("rev")
        field.fill(f"{3 + turn / 8}")
        field.press("Enter")
        painted(canvas, rev)
        canvas.settle().page.evaluate("() => new Promise((done) => requestIdleCallback(done))")
    yield Row("Number typed in the sidebar, Enter to painted values and gradients", spread(latencies(canvas, EDITS)))


def _probe(canvas: Canvas, event: str, attribute: str) -> None:
    canvas.root.evaluate(PROBE, [event, attribute])


def painted(canvas: Canvas, old: str) -> None:
    """Wait until what ``PROBE`` watches is painted, and no longer ``old``."""
    canvas.root.evaluate("(root, old) => root.painted(old)", old)


def latencies(canvas: Canvas, count: int) -> list[float]:
    """In ms, what ``PROBE`` has seen: all ``count``, as soon as the last frame is painted."""
    canvas.page.wait_for_function(
        "([root, count]) => root.latencies.length >= count", arg=[canvas.root.element_handle(), count]
    )
    found: list[float] = canvas.root.evaluate(LATENCIES)
    return found
