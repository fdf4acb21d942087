"""A page of its own on which the graph is pulled and pushed into shape by springs (pyvis, vis-network).

pyvis writes a page that asks other hosts for Bootstrap and links to files that are not there. All of that is cut
out, and the page forbids itself to load anything, so that it works from disk and tells nobody. Users' text enters
as JSON only, in which pyvis escapes every ``<``.
"""

from __future__ import annotations

import re

from pyvis.network import Network

from explorer.errors import ExportError
from explorer.export.labels import figure, gradient_symbol, shape_text, signed, symbol
from explorer.export.theme import THEMES, Theme, ThemeName
from explorer.run import Run

MOST_NODES = 5_000
"""Beyond this the springs of a browser take minutes to come to rest."""

_OUTSIDE = re.compile(r"<link\b[^>]*>|<script\b[^>]*\bsrc=[^>]*>\s*</script>", re.IGNORECASE)
_POLICY = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data:\">"
)
_ROLES = {"input": "input", "parameter": "parameter", "buffer": "constant", "constant": "constant", "op": "forward"}


def to_physics(run: Run, *, theme: ThemeName = "light") -> str:
    """The graph as one HTML page that needs neither network nor server. Raises ExportError where it is too large."""
    if len(run.graph) > MOST_NODES:
        raise ExportError(
            f"The physics view takes at most {MOST_NODES:,} nodes; this graph has {len(run.graph):,}. "
            "Export DOT or JSON instead."
        )
    look = THEMES[theme]
    network = Network(
        height="100vh", width="100%", directed=True, notebook=False, cdn_resources="in_line",
        bgcolor=look.surface, font_color=look.primary, heading="",
    )  # fmt: skip
    for index in range(len(run.graph)):
        _add_node(network, run, index, look)
    _add_edges(network, run, look)
    network.set_options(_OPTIONS)
    return _alone(network.generate_html(notebook=False))


_OPTIONS = """{
  "physics": {"solver": "forceAtlas2Based", "stabilization": {"iterations": 200}},
  "interaction": {"hover": true, "keyboard": {"enabled": true, "bindToWindow": false}},
  "edges": {"smooth": {"type": "dynamic"}}
}"""


def _add_node(network: Network, run: Run, index: int, look: Theme) -> None:
    value, gradient = run.values[index], run.grads[index]
    kind = "output" if index == run.backward.output else _ROLES[run.graph.kind(index)]
    role, title = look.roles[kind], symbol(run, index)
    shown = shape_text(run.graph, index) or ("" if value is None else figure(value))
    lines = [f"{title}: {run.graph.ops[index]}", f"value {'not yet' if value is None else figure(value)}"]
    lines.append(f"{gradient_symbol(run, index)} {'no gradient' if gradient is None else figure(gradient)}")
    colors = {"background": role.tint, "border": role.mark, "highlight": {"background": role.tint, "border": role.text}}
    network.add_node(index, label=f"{title}\n{shown}", title="\n".join(lines), shape="box", color=colors)


def _add_edges(network: Network, run: Run, look: Theme) -> None:
    for target, ports in enumerate(run.graph.inputs):
        for port, source in enumerate(ports):
            part = run.contributions[run.graph.edge_starts[target] + port]
            title = "no gradient" if part is None else f"contribution {signed(part)}"
            color = look.edge if part is None else look.roles["gradient"].mark
            network.add_edge(source, target, title=title, color=color, arrows="to")


def _alone(page: str) -> str:
    """The page without references to anything outside it."""
    kept = _OUTSIDE.sub("", page)
    return kept.replace("<head>", f"<head>{_POLICY}<title>Physics view</title>", 1)
