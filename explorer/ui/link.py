"""The state in the address: enough to open the same program with the same inputs elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from explorer.ui.document import Document, from_example
from explorer.ui.examples import examples
from explorer.ui.literals import is_finite
from explorer.ui.model_link import MODEL_KEYS, damaged, model_from_query, model_to_query

LONGEST = 6_000
"""Characters of an address that every browser and mail program carries."""

KEYS = ("program", "inputs", "held", "output", "upstream", "mode", "wrt", *MODEL_KEYS)


def to_query(document: Document) -> dict[str, str]:
    """The query of a link to ``document``; empty where it would be longer than ``LONGEST``, and for a saved run."""
    if document.saved:
        return {}
    fields = _of_program(document) if document.model is None else model_to_query(document.model)
    query = {key: value for key, value in fields.items() if value}
    return query if sum(len(quote(value)) + len(key) + 2 for key, value in query.items()) <= LONGEST else {}


def _of_program(document: Document) -> dict[str, str]:
    return {
        "program": document.text,
        "inputs": _spell(dict(document.values)) if document.values else "",
        "held": ",".join(sorted(document.held)),
        "output": document.output or "",
        "upstream": "" if document.upstream is None else _spell(document.upstream),
        "mode": "forward" if document.mode == "forward" else "",
        "wrt": document.wrt or "",
    }


def from_query(query: Mapping[str, str]) -> Document | None:
    """The document that a link holds, ``None`` without one. Raises ExplorerError where it is damaged."""
    if "model" in query:
        return replace(from_example(examples()[0]), model=model_from_query(query))
    if "program" not in query:
        return None
    values = _read(query, "inputs")
    upstream = _read(query, "upstream")
    if values is not None and not (isinstance(values, dict) and all(map(_is_value, values.values()))):
        raise damaged("inputs", "numbers, vectors or matrices by name")
    if upstream is not None and not _is_value(upstream):
        raise damaged("upstream", "a number, a vector or a matrix")
    return Document(
        text=query["program"],
        values=values or {},
        held=frozenset(filter(None, query.get("held", "").split(","))),
        output=query.get("output") or None,
        upstream=upstream,
        mode="forward" if query.get("mode") == "forward" else "reverse",
        wrt=query.get("wrt") or None,
    )


def _spell(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _read(query: Mapping[str, str], key: str) -> Any:
    try:
        return json.loads(query[key]) if query.get(key) else None
    except (ValueError, RecursionError):
        raise damaged(key, "JSON") from None


def _is_value(value: object, depth: int = 0) -> bool:
    """Whether ``value`` is a finite number or nested lists of them; tracing checks the shape."""
    if isinstance(value, list):
        return bool(value) and depth < 8 and all(_is_value(item, depth + 1) for item in value)
    return is_finite(value)
