"""Imports point one way, and some libraries live in some rooms only; functions are looked into as well.

    errors <- graph <- ops <- differentiate <- recorded <- run <- execute
           <- capture, models, passes, training, segment, layout
           <- overlays <- export, canvas <- standalone <- explorer (the public names) <- ui <- cli, app <- __main__

A room imports itself and rooms of earlier rows. ``resources`` (where the assets lie) and ``progress`` are open to all.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [path.relative_to(ROOT) for path in [*sorted((ROOT / "explorer").rglob("*.py")), ROOT / "app.py"]]
ROWS = (
    {"errors"},
    {"resources"},
    {"progress"},
    {"graph"},
    {"ops"},
    {"differentiate"},
    {"recorded"},
    {"run"},
    {"execute"},
    {"capture", "models", "passes", "training", "segment", "layout"},
    {"overlays"},
    {"export", "canvas"},
    {"standalone"},
    {"explorer"},
    {"ui"},
    {"cli", "app"},
    {"__main__"},
)
ROW_OF = {room: row for row, rooms in enumerate(ROWS) for room in rooms}
HOMES = {
    "streamlit": ("explorer.ui", "explorer.canvas.component"),
    "plotly": ("explorer.ui", "explorer.export"),
    "pygraphviz": ("explorer.layout", "explorer.export"),
}


def _module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def problems(module: str, text: str) -> list[str]:
    """Each import of ``module`` that the house does not allow, with its line."""
    return [
        f"{module}:{line} imports {target}"
        for target, line in _imports(module, text)
        if not (_is_downward(module, target) and _is_at_home(module, target))
    ]


def _imports(module: str, text: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno}: write imports from the package's root"
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.Call) and _is_dynamic_import(node):
            yield ast.literal_eval(node.args[0]), node.lineno


def _is_dynamic_import(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name in {"import_module", "__import__"}


def _room(module: str) -> str | None:
    """The room that a dotted name is in; None for what is not ours. No room's name: a public one."""
    first, _, rest = module.partition(".")
    if first == "app":
        return "app"
    if first != "explorer":
        return None
    room = rest.partition(".")[0]
    return room if room in ROW_OF else "explorer"


def _is_downward(module: str, target: str) -> bool:
    here, there = _room(module), _room(target)
    if there is None or here == there:
        return True
    return here is not None and ROW_OF[there] < ROW_OF[here]


def _is_at_home(module: str, target: str) -> bool:
    homes = HOMES.get(target.partition(".")[0])
    return homes is None or any(module == home or module.startswith(f"{home}.") for home in homes)


def test_every_room_is_in_a_row() -> None:
    folder = ROOT / "explorer"
    rooms = {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert rooms - {"__init__"} <= set(ROW_OF)


@pytest.mark.parametrize("path", SOURCES, ids=_module_name)
def test_imports_point_one_way(path: Path) -> None:
    assert problems(_module_name(path), (ROOT / path).read_text()) == []


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("explorer.graph", "import explorer.run"),
        ("explorer.graph", "from explorer.run import Run"),
        ("explorer.ops.table", "def late():\n    from explorer import run"),
        ("explorer.run", "from explorer.capture.expression import trace"),
        ("explorer.run", "from explorer import trace"),
        ("explorer.layout.routes", "from explorer.capture import text"),
        ("explorer.canvas.wire", "from explorer.ui import state"),
        ("explorer.errors", "import explorer.resources"),
        ("explorer.capture.text", "import app"),
        ("explorer.run", "import importlib\nimportlib.import_module('explorer.layout')"),
        ("explorer.canvas.wire", "import streamlit as st"),
        ("explorer.cli", "from streamlit.web import cli"),
        ("explorer.canvas.component", "import plotly.express"),
        ("explorer.ui.panels", "def draw():\n    import pygraphviz"),
    ],
)
def test_a_planted_import_is_caught(module: str, text: str) -> None:
    assert len(problems(module, text)) == 1


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("explorer.run", "from explorer.graph import Graph\nfrom explorer.ops import OPS\nimport torch"),
        ("explorer.canvas.component", "import streamlit as st\nfrom explorer.canvas import wire"),
        ("explorer", "from explorer.capture.expression import trace"),
        ("explorer.ui.panels", "import explorer\nimport plotly.graph_objects as go"),
        ("app", "from explorer.ui import page"),
    ],
)
def test_an_allowed_import_passes(module: str, text: str) -> None:
    assert problems(module, text) == []
