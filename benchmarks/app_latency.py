"""How long a user waits in a real browser: for a step by keyboard, and for an edited input to come back.

A latency runs from the time stamp of the user's event to the end of the frame in which the canvas paints what
it led to: the frame's callbacks and drawing are done, and its attribute says so. It holds the wait for the
frame to begin, up to 16.7 ms at 60 Hz.
"""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page, ViewportSize, sync_playwright

from benchmarks.table import Row, progress, spread
from tests.e2e.browser import launch
from tests.e2e.canvas import Canvas
from tests.e2e.server import serve

STEPS = 100
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
    let [shown, tell] = [root.getAttribute(attribute), () => {}];
    channel.port1.onmessage = ({ data: { changed, frame } }) => {
        const end = performance.now();
        times.push(end - happened);
        work.push(changed - happened + end - Math.max(frame, changed));
        shown = root.getAttribute(attribute);
        tell();
    };
    const onChange = () => {
        const changed = performance.now();
        requestAnimationFrame((frame) => channel.port2.postMessage({ changed, frame }));
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
attribute, and from the frame's start to its end.
"""


def rows() -> Iterator[Row]:
    progress(f"{STEPS} steps and {EDITS} edits in a browser ...")
    with serve() as server, sync_playwright() as playwright:
        browser = launch(playwright)
        yield from _step_rows(Canvas(browser.new_page(viewport=SCREEN)).open(server.url))
        yield from _empty_rows(browser.new_page(viewport=SCREEN))
        yield from _edit_rows(Canvas(browser.new_page()).open(server.url))
        yield from _typed_rows(Canvas(browser.new_page()).open(server.url))
        yield Row("Browser", f"Chromium {browser.version}, headless, without a GPU")
        browser.close()


def _step_rows(canvas: Canvas) -> Iterator[Row]:
    """To the end and back by keyboard, until ``STEPS`` steps were taken."""
    canvas.press("Home").wait(step=0).settle()
    _probe(canvas, "keydown", "data-step")
    frames_before, step, direction = len(canvas.frames), 0, 1
    for _ in range(STEPS):
        direction = {0: 1, canvas.steps: -1}.get(step, direction)
        step += direction
        old = canvas.data("step")
        canvas.press("ArrowRight" if direction > 0 else "ArrowLeft")
        painted(canvas, old)
    yield Row("Step by keyboard, key to painted frame", spread(latencies(canvas, STEPS)))
    yield Row("Work of a step, without the wait for the frame", spread(canvas.root.evaluate("root => root.work")))
    yield Row(f"Websocket frames sent during {STEPS} steps", str(len(canvas.frames) - frames_before))


def _empty_rows(page: Page) -> Iterator[Row]:
    """What the browser itself takes from a key to the end of a frame."""
    page.set_content(EMPTY)
    counter = page.locator("div")
    counter.evaluate(PROBE, ["keydown", "data-step"])
    for step in range(STEPS):
        page.keyboard.press("ArrowRight")
        counter.evaluate("(root, old) => root.painted(old)", str(step))
    yield Row("The same on an empty page in the same browser", spread(counter.evaluate("root => root.latencies")))


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
    found: list[float] = canvas.root.evaluate("root => root.latencies")
    return found
