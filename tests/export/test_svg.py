from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from explorer.export import to_svg
from explorer.run import Run
from tests.export.graphs import every, two_paths

RUNS = every()
SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return ["".join(element.itertext()) for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def titles(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}title")]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("direction", ["lr", "tb"])
@pytest.mark.parametrize("name", RUNS)
def test_it_is_well_formed_and_needs_nothing_else(name: str, direction: str, theme: str) -> None:
    svg = to_svg(RUNS[name], direction=direction, theme=theme)  # type: ignore[arg-type]
    root = ElementTree.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    allowed = {f"{SVG}{tag}" for tag in ("svg", "title", "rect", "g", "path", "text", "tspan")}
    assert {element.tag for element in root.iter()} <= allowed
    assert "nan" not in "".join(element.get("d", "") for element in root.iter())


def test_every_card_and_edge_has_a_title() -> None:
    found = titles(to_svg(two_paths()))
    assert "c = add(a, b), value 3, gradient 2" in found
    assert "constant, constant, value 1, no gradient" in found
    assert "b to d, port 0" in found and "b to c, port 1" in found


def test_numbers_and_contributions_are_written() -> None:
    found = texts(to_svg(two_paths()))
    assert {"∂e/∂b", "5", "∂c/∂b = 1", "+ 2", "∂e/∂d = 3", "+ 3"} <= set(found)


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "a&b", '"', "\x00\x1b", "]]>"])
def test_a_name_is_data(name: str) -> None:
    graph = two_paths().graph
    svg = to_svg(Run(replace(graph, names=[name, *graph.names[1:]]), two_paths().values))
    assert not list(ElementTree.fromstring(svg).iter(f"{SVG}script"))
    shown = "".join(c if c.isprintable() else "\ufffd" for c in name)
    assert any(title.startswith(shown) for title in titles(svg))


def test_a_value_that_is_not_finite_is_named_and_hatched() -> None:
    svg = to_svg(RUNS["broken"])
    assert "NaN" in texts(svg) and "y = log(x), value NaN" in " ".join(titles(svg))


def test_nothing_lies_outside_the_drawing() -> None:
    root = ElementTree.fromstring(to_svg(two_paths()))
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    for element in root.iter(f"{SVG}text"):
        assert 0 < float(element.get("x", 0)) < width and 0 < float(element.get("y", 0)) < height
