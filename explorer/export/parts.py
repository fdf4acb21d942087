"""The segments of a division as files that run without the explorer: one .pt2 each, what goes where, and a script.

segments.zip
├── manifest.json   the order, and the names, shapes and dtypes of what each reads and gives
├── run.py          loads the parts in order and hands values on
├── A.pt2, B.pt2, ...   torch.export's own format
└── sample.pt       inputs to try, and what the whole model makes of them
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.export import Dim, ShapesCollection
from torch.utils._pytree import tree_leaves

from explorer.errors import ExportError
from explorer.segment.cut import letter
from explorer.segment.split import Split, Stage

RUN = '''"""Runs the parts one after the other on the sample, or on inputs of your own: python run.py [inputs.pt]

inputs.pt is a list of tensors in the order of "inputs" in manifest.json. Needs torch alone.
"""

import json
import sys
from pathlib import Path

import torch

HERE = Path(__file__).parent


def load():
    """The manifest, and each part as a module."""
    manifest = json.loads((HERE / "manifest.json").read_text())
    return manifest, [torch.export.load(HERE / part["file"]).module() for part in manifest["parts"]]


def run(manifest, modules, inputs):
    """Hands every value on from the part that gives it to those that read it; the model's tensors come out."""
    values = dict(zip(manifest["inputs"], inputs, strict=True))
    for part, module in zip(manifest["parts"], modules, strict=True):
        made = module(*(values[name] for name in part["reads"]))
        values.update(zip(part["gives"], made, strict=True))
    return [values[name] for name in manifest["outputs"]]


if __name__ == "__main__":
    sample = torch.load(HERE / "sample.pt")
    inputs = torch.load(sys.argv[1]) if len(sys.argv) > 1 else sample["inputs"]
    with torch.no_grad():
        outputs = run(*load(), inputs)
    for output in outputs:
        print(tuple(output.shape), output.dtype)
    if len(sys.argv) == 1:
        same = all(torch.equal(one, two) for one, two in zip(outputs, sample["outputs"], strict=True))
        print("bit-equal to the whole model" if same else "not what the whole model gives")
        sys.exit(not same)
'''


def to_parts(split: Split, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bytes:
    """A zip of all segments, each captured on what reaches it from these inputs.

    Raises ExportError where torch.export cannot write one of them, naming it.
    """
    values = {name: x for name, x in split.bound(args, kwargs).items() if isinstance(x, Tensor)}
    inputs = list(values)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        parts = []
        for number, stage in enumerate(split.stages):
            parts.append(_part(archive, number, stage, values))
        with torch.no_grad():
            whole = [x for x in tree_leaves(split.exported.module(*args, **kwargs)) if isinstance(x, Tensor)]
        manifest = {"inputs": inputs, "parts": parts, "outputs": split.results}
        archive.writestr("manifest.json", json.dumps(manifest, indent=2))
        archive.writestr("run.py", RUN)
        archive.writestr("sample.pt", _saved({"inputs": [values[name] for name in inputs], "outputs": whole}))
    return out.getvalue()


def _part(archive: zipfile.ZipFile, number: int, stage: Stage, values: dict[str, Any]) -> dict[str, Any]:
    """Writes one segment, and puts what it gives among the values."""
    name = letter(number)
    reads = tuple(values[each] for each in stage.inputs)
    shapes = ShapesCollection()
    for tensor in reads:
        shapes[tensor] = (Dim.AUTO,) * tensor.dim()
    try:
        program = torch.export.export(stage.module, reads, dynamic_shapes=shapes)  # type: ignore[arg-type]
        file = io.BytesIO()
        torch.export.save(program, file)
    except Exception as error:  # torch.export raises of all kinds
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise ExportError(f"Segment {name} cannot be written as .pt2: {reason} Move a cut and try again.") from error
    archive.writestr(f"{name}.pt2", file.getvalue())
    with torch.no_grad():
        made = dict(zip(stage.outputs, stage.module(*reads), strict=True))
    values |= made
    return {
        "name": name,
        "file": f"{name}.pt2",
        "reads": list(stage.inputs),
        "gives": list(stage.outputs),
        "shapes": {each: [list(values[each].shape), str(values[each].dtype)] for each in (*stage.inputs, *made)},
    }


def _saved(what: Any) -> bytes:
    file = io.BytesIO()
    torch.save(what, file)
    return file.getvalue()
