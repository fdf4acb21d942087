"""Fixtures of the browser tests. Wait for text or attributes, never for time.

A test fails when the browser's console printed an error, when the page shows an exception, or when the server
logged a traceback; the server's log and a screenshot are then kept with the report.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.browser import launch
from tests.e2e.canvas import WAIT_MS, Canvas
from tests.e2e.server import ROOT, Server, serve

expect.set_options(timeout=WAIT_MS)  # a busy machine is slow, not wrong

FAILURES = ROOT / "test-results"
PICTURES = ROOT / "assets" / "pictures"
OPENED = pytest.StashKey[list[Canvas]]()
TRACEBACK = "Traceback (most recent call last)"

OpenPage = Callable[..., Canvas]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The app, running."""
    with serve() as running:
        yield running


@pytest.fixture(scope="session")
def app_url(server: Server) -> str:
    return server.url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
        except FileNotFoundError as missing:
            pytest.fail(str(missing), pytrace=False)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """Opens the app in a fresh context: ``open_page(width=390, height=844, theme="dark") -> Canvas``.

    More keywords go to Playwright's ``new_context`` (``reduced_motion="reduce"``, ``has_touch=True``, ...).
    """
    opened = request.node.stash.setdefault(OPENED, [])
    log_before = len(server.log())

    def open_(width: int = 1440, height: int = 900, theme: str = "light", path: str = "", **context: Any) -> Canvas:
        viewport = {"width": width, "height": height}
        page = browser.new_context(viewport=viewport, color_scheme=theme, **context).new_page()
        opened.append(Canvas(page))
        return opened[-1].open(server.url + path)

    yield open_
    found = [problem for canvas in opened for problem in [*canvas.errors, *canvas.exceptions()]]
    for canvas in opened:
        canvas.page.context.close()
    assert not found, "the browser showed errors:\n" + "\n".join(found)
    assert TRACEBACK not in server.log()[log_before:], "the server logged a traceback"


@pytest.fixture
def canvas(open_page: OpenPage) -> Canvas:
    """The canvas of the app at 1440x900 in the light theme."""
    return open_page()


@pytest.fixture
def page(canvas: Canvas) -> Page:
    """The page that ``canvas`` is on."""
    return canvas.page


@pytest.fixture
def dark_canvas(open_page: OpenPage) -> Canvas:
    """The canvas of the app at 1440x900 in the dark theme."""
    return open_page(theme="dark")


@pytest.fixture
def dark_page(dark_canvas: Canvas) -> Page:
    """The page that ``dark_canvas`` is on."""
    return dark_canvas.page


@pytest.fixture
def picture() -> Callable[[Page, str], bytes]:
    """Takes a screenshot, ``picture(page, "step-light")``; `make pictures` keeps it in assets/pictures."""

    def take(page: Page, name: str) -> bytes:
        path = PICTURES / f"{name}.png" if os.environ.get("PICTURES") else None
        return page.screenshot(path=path, animations="disabled")

    return take


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and isinstance(item, pytest.Function):
        running = item.funcargs.get("server")
        if isinstance(running, Server):
            report.sections.append(("server log", running.log()[-8000:]))
        if report.when == "call":
            _keep_screenshots(item)
    return report


def _keep_screenshots(item: pytest.Item) -> None:
    for number, canvas in enumerate(item.stash.get(OPENED, [])):
        canvas.page.screenshot(path=Path(FAILURES, f"{item.name}-{number}.png"))
