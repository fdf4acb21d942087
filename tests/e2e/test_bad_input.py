"""What a careless or hostile user types into the app, in a real browser: one clear message, and the graph stays."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.canvas import Canvas
from tests.e2e.test_app import PROBLEM, write

REFUSED = {
    "empty": ("", "no program yet"),
    "an unknown function": ("y = foo(2)", "no function 'foo'"),
    "a cycle by name": ("a = b + 1\nb = a + 1", "in a circle"),
    "shapes that do not fit": ("y = [1, 2, 3] + [1, 2]", "do not fit"),
    "a million characters": ("x+" * 500_000, "1,000,000 characters"),
    "10,000 nested brackets": ("y = " + "(" * 10_000 + "1" + ")" * 10_000, "nested"),
    "an import": ("y = __import__('os')", "__import__"),
    "a look-alike": ("y = \u0430 + 1", "cyrillic small letter a"),
    "a loop without an end": ("y = 1\nwhile y > 0:\n    y = y + 1", "more than"),
}
BROKEN = {
    "a division by zero": ("a = 1\nb = 0\nc = a / b\nd = c * 2", "c"),
    "the logarithm of a negative": ("a = -1\nb = log(a)\nc = b + 1", "b"),
    "an overflow": ("a = 1000\nb = exp(a)\nc = b - b", "b"),
}


@pytest.mark.parametrize(("text", "says"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused_and_the_last_graph_stays(canvas: Canvas, page: Page, text: str, says: str) -> None:
    rev, place = canvas.data("rev"), canvas.position("e")
    write(canvas, text)
    expect(page.locator(PROBLEM)).to_contain_text(says, timeout=30_000)
    canvas.settle()
    assert (canvas.data("rev"), canvas.position("e")) == (rev, place)
    assert canvas.press("ArrowRight").wait(step=1).data("node") == "a", "the graph that stayed can still be stepped"


@pytest.mark.parametrize(("text", "where"), BROKEN.values(), ids=BROKEN)
def test_a_number_that_is_not_finite_is_named_where_it_first_arose(
    canvas: Canvas, page: Page, text: str, where: str
) -> None:
    rev = canvas.data("rev")
    write(canvas, text)
    canvas.wait_for_new("rev", rev)
    expect(page.locator(PROBLEM)).to_be_hidden()
    expect(page.locator(".st-key-header")).to_contain_text(f"not finite from {where} on")
