"""A model's part of the address: only what is not as it is by default."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, cast

from explorer import models
from explorer.errors import ExplorerError
from explorer.models.presets import PRESETS
from explorer.ui.model_source import LOSSES, MODES, ModelSource, Origin, fresh

MODEL_KEYS = (
    "model", "origin", "config", "sizes", "seed", "prompt", "loss", "formula", "token", "position", "target", "train",
    "graph",
)  # fmt: skip

CARRIED = ("shipped", "preset", "config")
"""A link makes no app run a file, read a folder or go to the network."""


def model_to_query(source: ModelSource) -> dict[str, str]:
    """The query of a link to a model; what is "" is left out of it. Nothing for one of this machine's files."""
    if source.origin not in CARRIED:
        return {}
    return {
        "model": source.name or source.origin,
        "origin": "" if source.origin == "shipped" else source.origin,
        "config": source.config,
        "formula": source.formula,
        "graph": source.mode if source.mode != "eager" else "",
        "sizes": json.dumps(dict(source.sizes), separators=(",", ":")) if source.sizes else "",
        "seed": str(source.seed) if source.seed != models.SEED else "",
        "prompt": source.prompt,
        "loss": source.loss,
        "token": source.token,
        "position": "" if source.position is None else str(source.position),
        "target": repr(source.target) if source.target else "",
        "train": "1" if source.train else "",
    }


def model_from_query(query: Mapping[str, str]) -> ModelSource:
    """The model of a link. Raises ExplorerError where it is damaged; tracing checks what fits together.

    A link that only names a model of ours opens it on something to read, as a choice of it in the sidebar does.
    """
    usual = fresh(query["model"]) if _names_alone(query) else ModelSource("")
    loss = query.get("loss", usual.loss)
    if loss not in LOSSES:
        raise damaged("loss", f"one of {', '.join(LOSSES)}")
    origin, mode = query.get("origin") or "shipped", query.get("graph") or "eager"
    if origin not in CARRIED:
        raise damaged("origin", f"one of {', '.join(CARRIED)}: no link opens files or runs code")
    if mode not in MODES:
        raise damaged("graph", f"one of {', '.join(MODES)}")
    if origin == "shipped":
        models.entry_of(query["model"])
    if origin == "preset" and not any(query["model"] in family for family in PRESETS.values()):
        raise damaged("model", "the name of an architecture")
    return ModelSource(
        name="" if origin == "config" else query["model"],
        origin=cast(Origin, origin),
        config=query.get("config", ""),
        formula=query.get("formula", ""),
        mode=mode,
        sizes=_sizes(query.get("sizes", "")),
        seed=_number(query, "seed", int, models.SEED),
        prompt=query.get("prompt", usual.prompt),
        loss=loss,
        token=query.get("token", ""),
        position=_number(query, "position", int, None),
        target=_number(query, "target", float, 0.0),
        train=query.get("train") == "1",
    )


def _names_alone(query: Mapping[str, str]) -> bool:
    return not query.keys() & {"prompt", "loss", "origin"} and query["model"] in models.names()


def _sizes(text: str) -> dict[str, Any]:
    try:
        sizes = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        sizes = None
    if not isinstance(sizes, dict) or not all(isinstance(size, int | float | str) for size in sizes.values()):
        raise damaged("sizes", "sizes by name")
    return sizes


def _number(query: Mapping[str, str], key: str, kind: Callable[[str], Any], default: Any) -> Any:
    if not query.get(key):
        return default
    try:
        number = kind(query[key])
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise damaged(key, "a number")
    return number


def damaged(key: str, expected: str) -> ExplorerError:
    """The error for a part of a link that does not hold what it should."""
    return ExplorerError(
        f"The link is damaged: its part {key!r} should hold {expected}. Ask for it again, or start anew."
    )
