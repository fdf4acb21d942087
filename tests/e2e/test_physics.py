"""The page of springs opens from disk: it draws, and it asks nobody for anything."""

from pathlib import Path

from playwright.sync_api import Browser

import explorer
from explorer.export import to_physics


def test_it_draws_without_network_or_server(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "graph.html"
    file.write_text(to_physics(explorer.trace("e = (a+b)*(b+1)", a=2, b=1)), encoding="utf-8")
    page, asked, errors = browser.new_page(), list[str](), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(file.as_uri())
    page.wait_for_function("() => typeof network !== 'undefined' && network.body.nodeIndices.length === 6")
    assert page.locator("canvas").count() == 1
    assert asked == [file.as_uri()] and errors == []
    assert page.evaluate("() => edges.length") == 6
    page.close()
