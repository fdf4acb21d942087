"""What takes long is done in sight and can be ended; then everything is as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.canvas import Canvas
from tests.e2e.server import Server, serve


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """The app with a layout that takes long."""
    with serve(Path(__file__).with_name("slow_app.py")) as running:
        yield running


def test_a_layout_can_be_ended(canvas: Canvas) -> None:
    page, shown, typed = canvas.page, canvas.data("rev"), "y = " + " * ".join("abcdefgh")
    text, title, cancel = (
        page.locator("textarea").first,
        page.locator(".x-title b"),
        page.get_by_role("button", name="Cancel"),
    )

    text.fill(typed)
    text.press("Control+Enter")
    expect(page.get_by_text("Laying it out …")).to_be_visible()
    page.wait_for_timeout(1500)
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    cancel.click()
    expect(page.get_by_role("alert")).to_contain_text("You stopped this program")
    expect(text).to_have_value(typed)
    expect(title).to_contain_text("Two paths")
    assert canvas.settle().data("rev") == shown

    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(title).to_contain_text("Two paths")

    canvas.press("l")
    cancel.click()
    expect(cancel).to_be_hidden()
    assert canvas.settle().data("orientation") == "lr"
