"""Models of Hugging Face's library: of any configuration with random weights, or with those of a folder or a hub id.

The library is optional (``pip install 'explorer[huggingface]'``) and is imported when a model of its is asked for.
Its attention is taken in the plain form, whose scores can be looked into, and without a cache of keys and values.
No code that comes with a model is ever run.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from explorer.errors import ModelError
from explorer.models import hub
from explorer.models.presets import PRESETS, preset

MOST_PARAMETERS = 1_000_000_000
"""Above this a model is refused before memory is asked for."""

SEED = 1
_TOKENIZER_FILES = ("tokenizer*", "vocab*", "*.model", "spiece*")
_TASKS = ("CausalLM", "Seq2SeqLM", "SpeechSeq2Seq", "MaskedLM")


def from_config(config: Mapping[str, Any] | str | Path, *, most: int = MOST_PARAMETERS, seed: int = SEED) -> nn.Module:
    """A model with random weights, the same for the same ``seed``, in evaluation mode.

    ``config`` is what a config.json holds, the path of one, or the name of a preset. Raises ModelError where it is
    not known, does not fit together, or makes more than ``most`` parameters.
    """
    given = _read(config)
    settings = _settings(given)
    auto = _auto_class(settings, given.get("architectures"))
    try:
        with torch.device("meta"):
            count = sum(p.numel() for p in _build(auto, settings).parameters())
        _refuse_above(most, count)
        with torch.random.fork_rng([]):
            torch.manual_seed(seed)
            return _build(auto, settings).eval()
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError, ImportError) as error:
        raise ModelError(f"This configuration makes no model: {_first_line(error)}") from error


def from_pretrained(name: str | Path, *, most: int = MOST_PARAMETERS) -> nn.Module:
    """A model with its real weights (safetensors), from a local folder, or from the hub where there is a network."""
    transformers, is_local = _library(), Path(name).is_dir()
    local: Mapping[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    try:
        settings = transformers.AutoConfig.from_pretrained(name if is_local else hub.configuration(str(name)), **local)
        settings.use_cache = False
        auto = _auto_class(settings, settings.architectures)
        with torch.device("meta"):
            _refuse_above(most, sum(p.numel() for p in _build(auto, settings).parameters()))
        model: nn.Module = auto.from_pretrained(
            name if is_local else hub.folder(str(name)),
            config=settings, use_safetensors=True, attn_implementation="eager", **local,
        )  # fmt: skip
        return model.eval()
    except ModelError:
        raise
    except Exception as error:  # the library raises of all kinds
        raise ModelError(f"{str(name)!r} cannot be loaded: {_first_line(error)}") from error


def tokenizer(name: str | Path) -> Any:
    """The tokenizer that comes with a model, in a folder or on the hub; None where there is none to be read."""
    transformers = _library()
    folder = Path(name) if Path(name).is_dir() else hub.folder(str(name))
    if not any(any(folder.glob(files)) for files in _TOKENIZER_FILES):
        return None  # where the library would make an empty one
    try:
        return transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception:  # the library raises of all kinds where files are missing
        return None


def encode(tokenizer: Any, text: str) -> Tensor:
    """Token ids ``(1, n)`` of a text. Raises ModelError where it has no token."""
    ids = tokenizer(text)["input_ids"]
    if not ids:
        raise ModelError("There is no token in this text. Write more.", field="prompt")
    return torch.tensor([ids])


def words(tokenizer: Any, size: int) -> Sequence[str]:
    """The text of the token ids below ``size``, with a mark in place of the space before a word."""
    found = tokenizer.convert_ids_to_tokens(range(min(size, len(tokenizer))))
    return tuple(str(word).replace("Ġ", "␣").replace("▁", "␣").replace("Ċ", "↵") for word in found)


def inputs_for(model: nn.Module, *, tokens: Tensor | None = None, seed: int = SEED) -> dict[str, Any]:
    """Keywords to call a model with: ``tokens (batch, n)`` where it reads text, else numbers, drawn by ``seed``."""
    settings: Any = model.config
    generator = torch.Generator().manual_seed(seed)
    name = str(getattr(model, "main_input_name", "input_ids"))
    inputs: dict[str, Any] = {}
    if "use_cache" in inspect.signature(model.forward).parameters:
        inputs["use_cache"] = False
    if name == "input_ids":
        inputs[name] = _some_tokens(settings, 7, generator) if tokens is None else tokens
    elif name == "pixel_values":
        size, channels = getattr(settings, "image_size", 32), getattr(settings, "num_channels", 3)
        inputs[name] = torch.randn(1, channels, size, size, generator=generator)
    elif name == "input_features":
        frames = 2 * getattr(settings, "max_source_positions", 16)
        inputs[name] = torch.randn(1, settings.num_mel_bins, frames, generator=generator)
    else:
        inputs[name] = torch.randn(1, 400, generator=generator)
    if settings.is_encoder_decoder:
        inputs["decoder_input_ids"] = _some_tokens(settings, 5, generator)
    return inputs


def _some_tokens(settings: Any, count: int, generator: torch.Generator) -> Tensor:
    """Token ids that are no padding, as far as the vocabulary allows."""
    return torch.randint(min(4, settings.vocab_size - 1), settings.vocab_size, (1, count), generator=generator)


def without_weights(config: Mapping[str, Any] | str | Path) -> nn.Module:
    """The model on the meta device, where parameters have shapes and take no memory: of any size, for plans.

    ``config`` as for ``from_config``, or the name of a large preset, such as ``llama-7b``.
    """
    given = _read(config)
    settings = _settings(given)
    try:
        with torch.device("meta"):
            return _build(_auto_class(settings, given.get("architectures")), settings).eval()
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError, ImportError) as error:
        raise ModelError(f"This configuration makes no model: {_first_line(error)}") from error


def shapes_for(model: nn.Module, batch: int, length: int) -> dict[str, Any]:
    """Keywords to call a model without weights with: as many tokens in each of ``batch`` texts, or numbers."""
    inputs = inputs_for(model)
    return {name: _on_meta(value, batch, length) for name, value in inputs.items()}


def _on_meta(value: Any, batch: int, length: int) -> Any:
    if not isinstance(value, Tensor):
        return value
    shape = (batch, length) if value.dtype == torch.int64 else (batch, *value.shape[1:])
    return torch.empty(shape, dtype=value.dtype, device="meta")


def _library() -> Any:
    try:
        import transformers
    except ImportError as error:
        raise ModelError(
            "Hugging Face's library is not installed. Install it: pip install 'explorer[huggingface]'"
        ) from error
    return transformers


def _read(config: Mapping[str, Any] | str | Path) -> Mapping[str, Any]:
    if isinstance(config, Mapping):
        return config
    found = preset(str(config))
    if found is not None:
        return found
    path = Path(config)
    path = path / "config.json" if path.is_dir() else path
    if not path.is_file():
        names = [name for family in PRESETS.values() for name in family]
        near = get_close_matches(str(config), names, n=2) or names[:8]
        raise ModelError(f"{str(config)!r} is no preset and no file. Try {' or '.join(map(repr, near))}.")
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path.name} is not JSON: {error}") from error
    if not isinstance(read, dict):
        raise ModelError(f"{path.name} holds {type(read).__name__}; a config.json holds names with values.")
    return read


def _settings(given: Mapping[str, Any]) -> Any:
    """The library's configuration object. Raises ModelError for an architecture that it does not know."""
    transformers = _library()
    kind = given.get("model_type")
    known = transformers.models.auto.configuration_auto.CONFIG_MAPPING_NAMES
    if kind not in known:
        near = get_close_matches(str(kind), known, n=2)
        hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
        raise ModelError(f"The architecture (model_type) {kind!r} is unknown to transformers.{hint}")
    rest = {name: value for name, value in given.items() if name not in ("model_type", "auto_map")}
    try:
        settings = transformers.AutoConfig.for_model(kind, **rest)
    except Exception as error:  # each configuration checks itself in its own way
        raise ModelError(f"The configuration does not fit together: {_first_line(error)}") from error
    settings.use_cache = False
    return settings


def _auto_class(settings: Any, architectures: Any) -> Any:
    """Which head: the one that the configuration names, else the first task that the architecture has."""
    transformers = _library()
    tables = transformers.models.auto.modeling_auto
    named = (architectures or [""])[0]
    mappings = {
        "CausalLM": tables.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
        "Seq2SeqLM": tables.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES,
        "SpeechSeq2Seq": tables.MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING_NAMES,
        "MaskedLM": tables.MODEL_FOR_MASKED_LM_MAPPING_NAMES,
    }
    kind = settings.model_type
    fitting = [task for task in _TASKS if kind in mappings[task]]
    exact = [task for task in fitting if mappings[task][kind] == named]
    preferred = ("Seq2SeqLM", "SpeechSeq2Seq") if settings.is_encoder_decoder else ("MaskedLM",)
    likely = [task for task in fitting if task in preferred]
    chosen = next(iter([*exact, *likely, *fitting]), None)
    return transformers.AutoModel if chosen is None else getattr(transformers, f"AutoModelFor{chosen}")


def _build(auto: Any, settings: Any) -> nn.Module:
    """The model with attention in the plain form; some architectures have no choice of it."""
    try:
        model: nn.Module = auto.from_config(settings, attn_implementation="eager")
    except ValueError:
        model = auto.from_config(settings)
    return model


def _refuse_above(most: int, count: int) -> None:
    if count > most:
        raise ModelError(
            f"This model has {_rounded(count)} parameters, more than the {_rounded(most)} that are allowed here. "
            "Make it smaller: fewer layers (num_hidden_layers) or narrower ones (hidden_size)."
        )


def _rounded(count: int) -> str:
    for unit, size in (("billion", 10**9), ("million", 10**6)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return str(count)


def _first_line(error: Exception) -> str:
    """What the library says first; a line that ends in a colon only announces the next."""
    first, *rest = str(error).strip().splitlines() or [type(error).__name__]
    return (f"{first} {rest[0].strip()}" if first.endswith(":") and rest else first)[:300]
