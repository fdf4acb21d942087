"""1,000 random gestures in a real browser, half on a model and half on a program with loops, and what they broke.

After each of them camera, step, selection and open groups are what they were, but for what the gesture means, and the
console is silent: see ``tests/e2e/gestures.py``. The first that breaks something stops the benchmark.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from playwright.sync_api import sync_playwright

from benchmarks.table import Row, progress
from explorer.ui.document import Document
from explorer.ui.link import to_query
from tests.e2e.browser import launch
from tests.e2e.canvas import Canvas
from tests.e2e.gestures import Gestures
from tests.e2e.server import serve

COUNT = 500
LOOPS = """s = 0
x = 0.7
w = 1.3
for i in range(6):
    u = x * w
    for j in range(4):
        u = tanh(u + j) * w
    s = s + u * x
y = s * s + w"""
GRAPHS = {
    "a GPT that sorts letters": "model=gpt-sort&prompt=CABBAC%3E&loss=logit",
    "a program with loops": urlencode(to_query(Document(LOOPS))),
}


def rows() -> Iterator[Row]:
    with serve() as server, sync_playwright() as playwright:
        browser = launch(playwright)
        for seed, (graph, query) in enumerate(GRAPHS.items()):
            progress(f"{COUNT} random gestures on {graph} ...")
            context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
            gestures = Gestures(Canvas(context.new_page()).open(f"{server.url}?{query}"), seed)
            gestures.make(COUNT)
            kinds = ", ".join(f"{name} {count}" for name, count in gestures.made.most_common())
            yield Row(f"Random gestures on {graph}, without an error and with all kept", f"{COUNT} ({kinds})")
            context.close()
        browser.close()
        assert "Traceback" not in server.log(), server.log()
