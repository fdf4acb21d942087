"""The node that the inspector shows while none is selected."""

from __future__ import annotations

from explorer.passes.failure import failure
from explorer.ui.view import View


def telling(view: View) -> str:
    """The one that failed or is the first that is not finite, the scores of tokens, in forward mode the output, or the
    input that is used most.
    """
    run, model = view.run, view.model
    graph, ended = run.graph, failure(run)
    if ended is not None:
        return graph.ids[ended[0]]
    if run.nonfinite is not None:
        return graph.ids[view.result(run.nonfinite)]
    if model is not None and model.run is run and model.logits is not None:
        return graph.ids[model.logits]
    if view.tangents is not None:
        return run.output
    inputs = [i for i, op in enumerate(graph.ops) if op == "input" and run.grads[i] is not None]
    return graph.ids[max(inputs, key=lambda i: len(graph.consumers[i]))] if inputs else run.output
