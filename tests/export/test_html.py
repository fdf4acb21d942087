from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import explorer
from explorer.export import to_html
from explorer.export.html import MOST_CARDS, MOST_ROWS
from explorer.run import Run
from tests.export.graphs import two_paths


def rows(html: str) -> list[list[str]]:
    body = ElementTree.fromstring(html).iter("tr")
    return [["".join(cell.itertext()) for cell in row] for row in body]


def test_a_run_shows_itself_in_a_notebook() -> None:
    html = two_paths()._repr_html_()
    assert "<svg" in html
    assert ["b", "input", "", "1", "5"] in rows(html) and ["e", "mul", "c, d", "6", "1"] in rows(html)


def test_a_name_is_data() -> None:
    graph = two_paths().graph
    name = "<img src=x onerror=alert(1)>"
    html = to_html(Run(replace(graph, names=[name, *graph.names[1:]]), two_paths().values))
    tags: set[str] = set()
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: tags.add(tag)  # type: ignore[method-assign]
    parser.feed(html)
    assert "img" not in tags and {"svg", "table"} <= tags
    assert any(row[0] == name for row in rows(html) if row)


def test_a_large_run_is_cut() -> None:
    run = explorer.trace(f"y = x\nfor i in range({MOST_CARDS + 100}):\n    y = y * x", x=1.0)
    html = to_html(run)
    assert "<svg" not in html and len(rows(html)) == MOST_ROWS + 1
    assert f"The first {MOST_ROWS} of {len(run.graph)} nodes" in html
