"""A program that was built once, and one that was run, as DOT text side by side: what was taken is drawn solid."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphviz import Digraph, escape
from torch import Tensor, fx

from explorer.capture.builder import COND, WHILE
from explorer.capture.static import Built, Seen
from explorer.export.labels import figure
from explorer.export.theme import THEMES, Theme, ThemeName
from explorer.graph import LEAVES, Graph
from explorer.ops import OPS
from explorer.run import Number

Ends = tuple[str, ...]
"""The DOT nodes that hold the results of a graph, in order."""


def dynamic_dot(graph: Graph, values: Sequence[Number], theme: ThemeName = "light") -> str:
    """The graph of one run, left to right: every node was computed. A nameless constant is called by its number."""
    sheet = _Drawing(THEMES[theme])
    for index, (op, value) in enumerate(zip(graph.ops, values, strict=True)):
        name = _number(value) if op == "constant" and not graph.names[index] else graph.ids[index]
        sheet.node(sheet.dot, f"n{index}", name, op, leaf=op in LEAVES, taken=True)
    for target, ports in enumerate(graph.inputs):
        for source in ports:
            sheet.edge(f"n{source}", f"n{target}", taken=True)
    return sheet.text()


def static_dot(built: Built, seen: Seen, theme: ThemeName = "light") -> str:
    """The whole graph, left to right, with a frame around every side of a branch and every loop."""
    sheet = _Drawing(THEMES[theme])
    arguments = []
    for place, name in enumerate(built.inputs):
        sheet.node(sheet.dot, f"in{place}", name, "input", leaf=True, taken=True)
        arguments.append(f"in{place}")
    _Walk(sheet, seen, built.module, "", arguments, True).draw(sheet.dot)
    return sheet.text()


class _Drawing:
    """A DOT text in the making, in the colours of a theme."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.dot = Digraph(graph_attr={"rankdir": "LR", "bgcolor": "transparent", "ranksep": "0.35", "nodesep": "0.2"})
        self.dot.attr("node", shape="box", style="rounded,filled", fontname="Helvetica", fontsize="12", height="0.35")
        self.dot.attr("edge", arrowsize="0.6")

    def node(self, dot: Digraph, key: str, name: str, op: str, *, leaf: bool, taken: bool) -> None:
        sign = "" if leaf else OPS[op].symbol if op in OPS else op
        label = escape(f"{sign} {name}".strip())
        theme = self.theme
        color = theme.primary if taken else theme.tertiary
        role = theme.roles["input" if op == "input" else "constant"]
        line = (role.mark if leaf else theme.primary) if taken else theme.strong
        style = "rounded,filled" if taken else "rounded,dotted"
        dot.node(key, label, color=line, fontcolor=color, fillcolor=theme.card, style=style)

    def fork(self, dot: Digraph, key: str, word: str, taken: bool) -> None:
        color = self.theme.primary if taken else self.theme.strong
        dot.node(key, word, shape="diamond", style="" if taken else "dotted", color=color, fontcolor=color)

    def edge(self, source: str, target: str, *, taken: bool, **more: str) -> None:
        look = {"color": self.theme.edge, "fontcolor": self.theme.tertiary, "fontname": "Helvetica", "fontsize": "10"}
        self.dot.edge(source, target, **look | ({} if taken else {"style": "dotted"}) | more)

    def frame(self, key: str, words: str, taken: bool) -> dict[str, str]:
        theme = self.theme
        return {
            "label": words,
            "style": "rounded" if taken else "rounded,dotted",
            "color": theme.primary if taken else theme.strong,
            "penwidth": "2" if taken else "1",
            "fontcolor": theme.primary if taken else theme.tertiary,
            "fontname": "Helvetica",
            "fontsize": "11",
        }

    def text(self) -> str:
        text: str = self.dot.source
        return text


@dataclass
class _Walk:
    """One graph being drawn: ``of`` are the DOT nodes of its nodes, several for what has several results."""

    sheet: _Drawing
    seen: Seen
    module: fx.GraphModule
    path: str
    arguments: Sequence[str]
    taken: bool
    of: dict[Any, Any] = field(default_factory=dict)

    def draw(self, dot: Digraph) -> Ends:
        """Everything in it; the DOT nodes of its results."""
        arguments = iter(self.arguments)
        for node in self.module.graph.nodes:
            if node.op == "placeholder":
                self.of[node] = next(arguments)
            elif node.op == "output":
                ends = node.args[0]
                return tuple(self.of[end] for end in ends) if isinstance(ends, tuple) else (self.of[ends],)
            elif node.target is COND:
                self.of[node] = self._branch(dot, node)
            elif node.target is WHILE:
                self.of[node] = self._loop(dot, node)
            elif node.target is operator.getitem:
                self.of[node] = self._result(dot, node)
            elif node.op == "call_module":
                self.of[node] = self._operation(dot, node)
        return ()

    def _key(self, node: fx.Node) -> str:
        return "s" + self.path.replace("/", "_") + node.name

    def _operation(self, dot: Digraph, node: fx.Node) -> str:
        value, label = node.meta.get("value"), node.meta["label"]
        if label == "copy":
            return str(self.of[node.args[0]])
        shown = "" if value is None else _number(value)
        key = self._key(node)
        name = shown or node.meta.get("name", "")
        self.sheet.node(dot, key, name, label, leaf=value is not None, taken=self.taken)
        for source in node.args:
            self.sheet.edge(self.of[source], key, taken=self.taken)
        return key

    def _branch(self, dot: Digraph, node: fx.Node) -> list[tuple[Ends, bool]]:
        """Both sides, in frames; what each of them gives, and whether it was taken."""
        test, yes, no, operands = _arguments(node)
        side, key = self.seen.taken.get(self.path + node.name), self._key(node)
        self.sheet.fork(dot, key, "if", self.taken)
        self.sheet.edge(self.of[test], key, taken=self.taken)
        found = []
        for graph, step, word, wanted in ((yes, "then", "then", True), (no, "else", "else", False)):
            taken = side is wanted
            inside = self._inside(graph, node, step, [self.of[o] for o in operands], taken)
            with dot.subgraph(name=f"cluster_{key}_{step}") as part:
                part.attr(**self.sheet.frame(key, f"{word}: {'taken' if taken else 'not taken'}", taken))
                part.node(f"{key}_{step}", "", shape="point", width="0.05", color=self.sheet.theme.strong)
                ends = inside.draw(part)
            self.sheet.edge(key, f"{key}_{step}", taken=taken, label="true" if wanted else "false")
            found.append((ends, taken))
        return found

    def _loop(self, dot: Digraph, node: fx.Node) -> list[tuple[Ends, bool]]:
        """The body in a frame around the variables that it carries; its test at their side."""
        test, body, carried, others = _arguments(node)
        key, turns = self._key(node), self.seen.turns.get(self.path + node.name)
        taken = bool(turns)
        keys = [f"{key}_{place}" for place, _ in enumerate(carried)]
        outside = [self.of[other] for other in others]
        words = f"while: {turns} turns" if turns is not None else "while: not reached"
        inner = self._inside(body, node, "turn", [*keys, *outside], taken)
        with dot.subgraph(name=f"cluster_{key}") as part:
            part.attr(**self.sheet.frame(key, words, taken))
            for place, (start, head) in enumerate(zip(carried, inner.module.graph.nodes, strict=False)):
                self.sheet.node(part, keys[place], f"{head.meta['label']}, carried", "", leaf=False, taken=self.taken)
                self.sheet.edge(self.of[start], keys[place], taken=self.taken)
            ends = inner.draw(part)
            self.sheet.fork(part, key, "turn?", self.taken)
            check = self._inside(test, node, "test", [*keys, *outside], self.taken).draw(part)
        self.sheet.edge(check[0], key, taken=self.taken)
        for end, carries in zip(ends, keys, strict=True):
            self.sheet.edge(end, carries, taken=taken, constraint="false", style="dashed", label="next turn")
        return [(tuple(keys), self.taken)]

    def _result(self, dot: Digraph, node: fx.Node) -> str:
        """Where the sides of a branch meet again."""
        call, place = _arguments(node)
        key = self._key(node)
        self.sheet.node(dot, key, node.meta.get("name", "result"), "", leaf=False, taken=self.taken)
        for ends, taken in self.of[call]:
            self.sheet.edge(ends[place], key, taken=taken and self.taken)
        return key

    def _inside(self, graph: Any, node: fx.Node, step: str, arguments: list[str], taken: bool) -> _Walk:
        module = self.module.get_submodule(str(graph.target))
        assert isinstance(module, fx.GraphModule)
        return _Walk(self.sheet, self.seen, module, f"{self.path}{node.name}/{step}/", arguments, taken)


def _number(value: Number) -> str:
    return str(list(value.shape)) if isinstance(value, Tensor) and value.ndim else figure(value)


def _arguments(node: fx.Node) -> Any:
    return node.args


def operations_of(built: Built) -> Iterator[str]:
    """The operations of a built graph by name, those of its sides and loops among them."""
    for module in built.module.modules():
        if isinstance(module, fx.GraphModule):
            for node in module.graph.nodes:
                if node.op == "call_module" and node.meta["label"] not in ("constant", "copy"):
                    yield node.meta["label"]
