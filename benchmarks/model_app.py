"""From a click to the painted graph of a model, in a real browser.

Each latency is from the time stamp of the user's last event (the click on a model, Enter in a size's field) to the end
of the frame in which the canvas paints the new graph, values and gradients computed: the model is made, its weights are
drawn, it is traced forward and backward, laid out and sent. The small GPT is the one that the app starts with. Of one
of GPT-2 small's size the last size is entered, so that all of it is made anew; that its bar was seen is told too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlencode

from playwright.sync_api import sync_playwright

from benchmarks.app_latency import PROBE, latencies, painted
from benchmarks.table import Row, progress, spread
from tests.e2e.browser import launch
from tests.e2e.canvas import WAIT_MS, Canvas
from tests.e2e.server import serve

TURNS, LARGE_TURNS = 8, 3
LARGE = {"layers": 11, "width": 768, "heads": 12, "vocabulary": 50257, "context": 1024}
SEEN = """() => {
    window.bars = 0;
    new MutationObserver(() => { window.bars += document.querySelectorAll('[data-testid="stProgress"]').length; })
        .observe(document.body, { childList: true, subtree: true });
}"""


def rows() -> Iterator[Row]:
    progress("models in a browser ...")
    with serve() as server, sync_playwright() as playwright:
        browser = launch(playwright)
        yield from _small(Canvas(browser.new_page()).open(server.url))
        yield from _large(Canvas(browser.new_page()), server.url)
        browser.close()


def _small(canvas: Canvas) -> Iterator[Row]:
    """Model is clicked, then Expression, and again; the first time is told apart: it imports and fills caches."""
    _probe(canvas.settle(), "click")
    for _ in range(TURNS):
        for name in ("Model", "Expression"):
            rev = canvas.data("rev")
            canvas.page.get_by_test_id("stSidebar").get_by_text(name, exact=True).first.click()
            painted(canvas, rev)
            canvas.settle()
    times = latencies(canvas, 2 * TURNS)[::2]
    yield Row("Small GPT, click to painted graph, the first time", f"{times[0]:.0f} ms")
    yield Row("Small GPT, click to painted graph, after that", spread(times[1:]))


def _large(canvas: Canvas, url: str) -> Iterator[Row]:
    canvas.page.set_default_timeout(4 * WAIT_MS)
    canvas.open(f"{url}/?{urlencode({'model': 'gpt', 'sizes': json.dumps(LARGE)})}")
    canvas.page.evaluate(SEEN)
    _probe(canvas.settle(), "keydown")
    for turn in range(LARGE_TURNS):
        rev, field = canvas.data("rev"), canvas.page.get_by_label("Layers", exact=True).first
        field.fill(str(12 - turn % 2))
        field.press("Enter")
        painted(canvas, rev)
        canvas.settle()
    times = latencies(canvas, LARGE_TURNS)
    bars = canvas.page.evaluate("() => window.bars")
    yield Row("GPT of GPT-2 small's size, random weights, Enter to painted graph", spread(times))
    yield Row("Progress bar while it is made", "seen" if bars else "not seen")


def _probe(canvas: Canvas, event: str) -> None:
    canvas.root.evaluate(PROBE, [event, "data-rev"])
