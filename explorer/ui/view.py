"""What is shown of a document: its run, and the bytes that the canvas draws. Nothing in a view changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import hypot
from pathlib import Path
from typing import NamedTuple, Protocol, cast, runtime_checkable

from torch import Tensor

from explorer.canvas.moments import Update
from explorer.canvas.wire import Section, amended, amendment, encode
from explorer.capture.collector import without_garbage_collection
from explorer.capture.expression import Program
from explorer.capture.limits import Limits
from explorer.errors import ExplorerError, RunError
from explorer.export.placing import as_picked, first_opened, groups_of, place
from explorer.export.saved import load
from explorer.layout import Direction, Placement
from explorer.passes.condense import Condensed, condense
from explorer.passes.failure import failure
from explorer.passes.groups import Groups
from explorer.progress import tell, within
from explorer.run import Run, Tangents
from explorer.ui.document import Document
from explorer.ui.examples import Value, examples
from explorer.ui.levels import within_reach
from explorer.ui.model import Traced, trace, trace_exported
from explorer.ui.model_source import title

DRAWN = Limits(nodes=150_000, seconds=10.0)
"""What is traced to be drawn; how much of it can be seen at once has a bound of its own, in levels.py."""


@dataclass(frozen=True, slots=True)
class View:
    """``document`` is what is shown: every open name has a value, and what it asks for exists.

    ``tangents`` are there in forward mode only. ``rev`` counts the views of a session. It is either a
    ``program`` that is shown or a ``model``. Where the graph has ``groups``, the canvas shows those in ``opened``
    open and the others closed, which is ``seen``; everything else is about the whole ``run``. ``own`` is the view that
    the document has by itself, where an activity shows another run of the same in its place. ``placement`` is where
    everything is drawn, ``updates`` what an activity makes of nodes of the run besides, and ``feet`` the pixels that
    their cards are higher for it, by id. ``drawn`` is the ``rev`` that it was drawn as with the sections ``told``, and
    ``news`` what a browser that has that lacks of ``blob``, where something was told anew since.
    """

    document: Document
    program: Program | None
    model: Traced | None
    run: Run
    tangents: Tangents | None
    groups: Groups | None
    opened: frozenset[str]
    seen: Condensed | None
    blob: bytes
    title: str
    rev: int
    own: View | None = None
    placement: Placement | None = None
    updates: Sequence[Update] = ()
    feet: Mapping[str, float] = field(default_factory=dict)
    drawn: int = 0
    told: Mapping[str, Section] = field(default_factory=dict)
    news: bytes = b""

    @property
    def values(self) -> dict[str, Value]:
        """Every input of the program with its value, also one in a branch that was not taken."""
        given = self.document.values
        if self.program is None:
            return {}
        return {name: _nested(given.get(name, found.default)) for name, found in self.program.inputs.items()}

    @property
    def shown(self) -> Run:
        """The run as the canvas shows it: closed groups are one node each."""
        return self.run if self.seen is None else self.seen.run

    def result(self, id_: str) -> int:
        """The index of a node, or of the one whose value is what a group hands on last."""
        graph, groups = self.run.graph, self.groups
        if groups is None or id_ not in groups.by_key:
            return graph.index[id_]
        return (groups.exits(id_) or groups.by_key[id_].members)[-1]

    @property
    def pruned(self) -> list[str]:
        """Ids of operations that no gradient can flow into, because their inputs need none."""
        graph = self.run.graph
        return [
            id_
            for i, id_ in enumerate(graph.ids)
            if graph.inputs[i] and not graph.requires_grad[i] and graph.dtypes[i] != "bool"
        ]


def _nested(value: object) -> Value:
    """A float, or nested lists of floats."""
    if isinstance(value, Tensor):
        value = value.tolist()
    return [_nested(item) for item in value] if isinstance(value, list) else float(cast(float, value))


SAVED = "your run"


@lru_cache(maxsize=1)
def saved(path: str) -> Run:
    """The run in a file, read once."""
    return load(Path(path))


@lru_cache(maxsize=64)
def program(text: str) -> Program:
    """The program of a text; tracing it again with other inputs does not read it again."""
    return Program(text, DRAWN)


class Adding(NamedTuple):
    """What the user is at, what that adds to the trace of a view that is placed, and what it shows instead of one."""

    activity: str = "step"
    sections: Callable[[View, Placement], Mapping[str, Section]] = lambda _view, _placement: {}
    instead: Callable[[View], View] = lambda view: view


STEPPING = Adding()


@runtime_checkable
class StandIn(Protocol):
    """What an activity keeps, where it shows another run of the document in its place."""

    def instead(self, view: View) -> View: ...


def instead_by(share: object) -> Callable[[View], View]:
    """What it shows instead of a view: the view itself where it has no wish."""
    return share.instead if isinstance(share, StandIn) else STEPPING.instead


@without_garbage_collection()
def look(
    document: Document,
    rev: int,
    direction: Direction,
    opened: frozenset[str] | None = None,
    adding: Adding = STEPPING,
) -> View:
    """Trace, place and encode, with the groups in ``opened`` open. Raises what the program or the model raises."""
    return redrawn(_traced(document), rev, direction, opened, adding)


def _traced(document: Document) -> View:
    """The view of a document, not drawn yet."""
    if document.saved:
        return _bare(document, None, None, saved(document.saved), None, SAVED)
    if document.model is not None:
        traced = trace(document.model)
        return _bare(document, None, traced, traced.run, None, title(document.model))
    read = program(document.text)
    for name in read.open_inputs:
        if name not in document.values:
            document = document.with_default(name)
    given = {name: document.values[name] for name in read.inputs if name in document.values}
    run = read.run(given, {name: name not in document.held for name in read.inputs})
    document, run = _differentiated(document, run)
    document, tangents = _moved(document, run)
    return _bare(document, read, None, run, tangents, _title(document))


def exported(view: View) -> View:
    """The same model captured by torch.export, not drawn yet. Raises CaptureError where it cannot be captured."""
    assert view.document.model is not None
    traced = trace_exported(view.document.model)
    return _bare(view.document, None, traced, traced.run, None, view.title)


def unweighted(view: View, run: Run, title: str) -> View:
    """A run of shapes alone, shown where the document's own view was; not drawn yet."""
    return _bare(view.document, None, None, run, None, title)


def _bare(
    document: Document, read: Program | None, model: Traced | None, run: Run, tangents: Tangents | None, title: str
) -> View:
    """A view before it is drawn."""
    return View(document, read, model, run, tangents, groups_of(run.graph), frozenset(), None, b"", title, 0)


@without_garbage_collection()
def redrawn(
    view: View,
    rev: int,
    direction: Direction,
    opened: frozenset[str] | None,
    adding: Adding = STEPPING,
) -> View:
    """The same run, placed and encoded anew. ``opened`` is None where nobody has opened or closed a group yet."""
    tell(0.65, "Laying it out")
    own = view.own or view
    view = adding.instead(own)
    view = view if view is own else replace(view, own=own)
    run, groups, seen = view.run, view.groups, None
    if groups is not None:
        opened = first_opened(groups, failure(run)) if opened is None else opened
        groups = as_picked(groups, opened)
        within_reach(groups.steps(opened))
        seen = condense(run, groups, opened)
    else:
        within_reach(len(run.graph))
    compact = view.program is None and bool(run.graph.modules)
    with within(0.65, 0.85):
        boxes, placement = place(run.graph, seen, direction, compact, view.feet)
    view = replace(view, groups=groups, opened=opened or frozenset(), seen=seen, rev=rev, placement=placement)
    told = adding.sections(view, placement)
    with within(0.85, 1.0):
        blob = encode(
            run,
            placement,
            boxes,
            rev=rev,
            title=view.title,
            tangents=view.tangents,
            seen=seen,
            activity=adding.activity,
            sections=told,
            updates=view.updates if seen is None else _of_groups(view.updates, seen),
        )
    return replace(view, blob=blob, drawn=rev, told=told, news=b"")


def retold(view: View, rev: int, adding: Adding) -> View:
    """The same drawing with what an activity adds to it told anew."""
    assert view.placement is not None
    sections = adding.sections(replace(view, rev=rev), view.placement)
    news = amendment(since=view.drawn, rev=rev, sections=sections, known=view.told)
    return replace(view, rev=rev, blob=amended(view.blob, rev=rev, sections=sections), news=news)


def _of_groups(updates: Sequence[Update], seen: Condensed) -> list[Update]:
    """One update a node that is drawn; those of a closed group together, as the norms of before and after."""
    found: dict[int, Update] = {}
    for node, before, after in updates:
        drawn, sums = seen.node_of[node], found.get(seen.node_of[node])
        is_group = seen.shows[drawn] != node
        if sums is not None:
            before, after = hypot(sums.before, before), hypot(sums.after, after)
        found[drawn] = Update(drawn, abs(before) if is_group else before, abs(after) if is_group else after)
    return list(found.values())


def _title(document: Document) -> str:
    """The worked example's title, or the program's last line."""
    for example in examples():
        if example.program == document.text:
            return example.title
    return document.text.strip().splitlines()[-1].strip()


def _differentiated(document: Document, run: Run) -> tuple[Document, Run]:
    """The run seen from the output that is asked for; what no longer exists or fits is no longer asked for."""
    if document.output is not None and document.output not in run.graph.index:
        document = replace(document, output=None, upstream=None)
    if document.output is None and document.upstream is None:
        return document, run
    output = document.output or run.output
    try:
        return document, run.differentiate(output, document.upstream)
    except RunError:
        return replace(document, upstream=None), run.differentiate(output)


def _moved(document: Document, run: Run) -> tuple[Document, Tangents | None]:
    """In forward mode the tangents for the input that is asked for; for the first where there is none of that name."""
    if document.mode == "reverse":
        return document, None
    graph = run.graph
    inputs = [id_ for id_, op in zip(graph.ids, graph.ops, strict=True) if op == "input"]
    if document.wrt not in inputs:
        document = replace(document, wrt=None)
    wrt = document.wrt or next(iter(inputs), None)
    return document, None if wrt is None else run.tangents(wrt)


def without_literals(text: str, values: Mapping[str, Value]) -> dict[str, Value]:
    """The values but for those that the program of ``text`` writes out itself."""
    try:
        inputs = program(text).inputs
    except ExplorerError:
        return dict(values)
    written = {name for name, found in inputs.items() if found.default is not None}
    return {name: value for name, value in values.items() if name not in written}
