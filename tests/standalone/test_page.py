"""The page holds the run, runs nothing but its own script, and asks nobody for anything."""

from __future__ import annotations

import base64
import dataclasses
import gzip
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import explorer
from explorer.canvas.wire import EDITABLE, decode
from explorer.errors import ExportError, OverlayError, RunError
from explorer.export.placing import groups_of
from explorer.overlays import overlay, paint
from explorer.passes.condense import condense
from explorer.run import Run
from explorer.standalone import linker
from explorer.standalone import traces as traces_room


class Tags(HTMLParser):
    """The tags of a page with their attributes, and what is in scripts and styles by id."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self._in = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in = dict(attrs).get("id") or tag

    def handle_endtag(self, tag: str) -> None:
        self._in = ""

    def handle_data(self, data: str) -> None:
        self.texts[self._in] = self.texts.get(self._in, "") + data


def traces(text: str, of: str = "traces") -> dict[str, dict[str, object]]:
    packed = json.loads(Tags(text).texts["traces"])[of]
    return {name: decode(gzip.decompress(base64.b64decode(one))) for name, one in packed.items()}


@pytest.fixture(scope="module")
def gpt() -> explorer.Run:
    return explorer.trace_module(explorer.models.load("gpt-sort"), explorer.models.example("gpt-sort"))


def test_every_level_is_there_in_both_directions_with_the_numbers_of_the_run(gpt: explorer.Run) -> None:
    found = traces(explorer.to_html(gpt).text)
    groups = groups_of(gpt.graph)
    assert groups is not None
    assert set(found) == {f"{way}/{d}" for way in ("lr", "tb") for d in ("start", *map(str, range(groups.depth + 1)))}
    for name, trace in found.items():
        way, depth = name.split("/")
        assert trace["orientation"] == way
        if depth == "start":
            continue
        seen = condense(gpt, groups, groups.down_to(int(depth)))
        nodes = trace["nodes"]
        assert nodes["id"] == list(seen.run.graph.ids)  # type: ignore[index]
        norms = [float(np.linalg.norm(np.asarray(gpt.values[i]).ravel().astype(float))) for i in seen.shows]
        np.testing.assert_allclose(np.abs(nodes["value"]), norms, rtol=1e-5)  # type: ignore[index]


@pytest.mark.parametrize("name", ["gpt", "program"])
def test_the_autograd_graph_comes_along_with_every_state_and_says_what_it_belongs_to(
    gpt: explorer.Run, name: str
) -> None:
    run = gpt if name == "gpt" else explorer.trace("c = a + b\nd = b + 1\ne = c * d", a=2.0, b=1.0)
    text = explorer.to_html(run, autograd="beside").text
    forward, twins = traces(text), traces(text, "twin")
    assert forward.keys() == twins.keys() and forward["lr/start"]["depth"]["most"] == twins["lr/start"]["depth"]["most"]  # type: ignore[index]
    for state, trace in twins.items():
        linked = trace["twin"]["ids"]  # type: ignore[index]
        assert len(linked) == trace["nodes"]["count"]  # type: ignore[index]
        seen = set(forward[state]["nodes"]["id"]) | {group["key"] for group in forward[state]["groups"]}  # type: ignore[index,attr-defined]
        assert {id_ for id_ in linked if id_} <= seen
    if name == "program":
        nodes, twin = twins["lr/start"]["nodes"], twins["lr/start"]["twin"]
        found = dict(zip(nodes["id"], zip(twin["ids"], twin["marks"], twin["roles"], strict=True), strict=True))  # type: ignore[index]
        assert found["MulBackward0"] == ("e", "×", "") and found["a"] == ("a", "", "input")
    with pytest.raises(ExportError, match="'aside'"):
        explorer.to_html(run, autograd="aside")  # type: ignore[arg-type]
    with pytest.raises(RunError, match="no autograd graph|No gradient"):
        explorer.to_html(explorer.trace("y = 1 + 2"), autograd="below")


def test_overlays_are_baked_in_and_the_chosen_one_is_shown(gpt: explorer.Run) -> None:
    trace = traces(explorer.to_html(gpt, overlay="flops", opened=1).text)["lr/start"]
    overlays = trace["overlays"]
    assert overlays["chosen"] == "flops"  # type: ignore[index]
    sheets = {sheet["key"]: sheet for sheet in overlays["sheets"]}  # type: ignore[index]
    assert {"value", "gradient", "slope", "memory", "live", "flops", "dtype", "level", "finite"} == set(sheets)
    groups = groups_of(gpt.graph)
    assert groups is not None
    painted = paint(overlay("flops", gpt), condense(gpt, groups, groups.down_to(1)))
    assert sheets["flops"]["texts"] == [painted.text(place) for place in range(len(painted.data))]


def test_only_the_page_s_own_script_and_sheet_may_run_and_nothing_is_loaded() -> None:
    found = Tags(explorer.to_html(explorer.trace("y = a * b", a=1, b=2)).text)
    policy = next(attrs["content"] or "" for tag, attrs in found.tags if attrs.get("http-equiv"))
    for text, rule in ((found.texts["script"], "script-src"), (found.texts["style"], "style-src")):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{rule} 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none';") and "unsafe" not in policy
    assert not [tag for tag, attrs in found.tags if {"src", "href", "onload"} & set(attrs) or tag in ("link", "iframe")]


@pytest.mark.parametrize(
    "hostile", ["</script><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "\ud800$script"]
)
def test_text_of_users_stays_text(hostile: str) -> None:
    run = explorer.trace("y = a * 2", a=1)
    run = Run(dataclasses.replace(run.graph, names=[hostile, *run.graph.names[1:]]), run.values)
    text = explorer.to_html(run, title=hostile).text
    text.encode()
    found = Tags(text)
    assert [tag for tag, _ in found.tags if tag in ("script", "img")] == ["script", "script", "script"]
    shown = hostile.replace("\ud800", "\ufffd")
    assert found.texts["h1"] == shown and found.texts["title"] == shown
    assert traces(text)["lr/start"]["nodes"]["id"][0] == hostile  # type: ignore[index]


def test_numbers_are_not_offered_to_be_changed() -> None:
    trace = traces(explorer.to_html(explorer.trace("y = a * b", a=1, b=2)).text)["lr/start"]
    assert not any(flag & EDITABLE for flag in trace["nodes"]["flags"])  # type: ignore[index]


def test_levels_that_do_not_fit_are_left_out_and_cannot_be_asked_for(
    gpt: explorer.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traces_room, "MOST_CARDS", 150)
    found = traces(explorer.to_html(gpt).text)
    assert "lr/1" in found and "lr/3" not in found
    deepest = max(int(name[3:]) for name in found if name.startswith("lr/") and name[3:].isdecimal())
    assert all(trace["depth"]["most"] == deepest for trace in found.values())  # type: ignore[index]
    monkeypatch.setattr(traces_room, "MOST_CARDS", 5)
    with pytest.raises(ExportError, match="at most 5 cards"):
        explorer.to_html(gpt)


def test_an_overlay_that_is_not_there_is_refused() -> None:
    with pytest.raises(OverlayError, match="'heat'"):
        explorer.to_html(explorer.trace("y = a * b", a=1, b=2), overlay="heat")


def test_it_is_saved_and_shows_itself_in_a_notebook(tmp_path: Path) -> None:
    found = explorer.to_html(explorer.trace("y = a * b", a=1, b=2), title="mine")
    assert found.save(tmp_path / "run.html").read_text(encoding="utf-8") == found.text == str(found)
    (frame,) = Tags(found._repr_html_()).tags
    assert frame[0] == "iframe" and frame[1]["srcdoc"] == found.text and frame[1]["title"] == "mine"


def link(folder: Path, **modules: str) -> str:
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text)
    return linker.script(folder / "main.js")


def test_modules_come_after_those_that_they_import(tmp_path: Path) -> None:
    main = 'import { two as second } from "./two.js";\nimport { one } from "./one.js";\nsecond(one);\n'
    text = link(
        tmp_path,
        main=main,
        two='import { one } from "./one.js";\nexport function two() {\n  one;\n}\n',
        one="export const one = 1;\n",
    )
    assert text.index("_one = ") < text.index("_two = ") < text.index("two: second")
    assert not re.search(r"\b(import|export)\b", text)


FORMS = (
    'import * as all from "./one.js";',
    "export default 3;",
    "export let x = 1;",
    "const u = import.meta.url;",
    'import("./one.js");',
)


@pytest.mark.parametrize("text", FORMS)
def test_forms_that_are_not_linked_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ExportError, match="main.js"):
        link(tmp_path, main=f"{text}\n", one="export const one = 1;\n")


def test_a_circle_of_imports_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="import each other"):
        link(
            tmp_path,
            main='import { a } from "./a.js";\n',
            a='import { b } from "./b.js";\nexport const a = 1;\n',
            b='import { a } from "./a.js";\nexport const b = 2;\n',
        )
