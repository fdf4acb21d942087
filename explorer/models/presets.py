"""Tiny configurations of Hugging Face architectures of many families: random weights, traced in a moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
_TEXT = {"vocab_size": 64, "max_position_embeddings": 64, **_SIZES}
_GROUPED = {**_TEXT, "num_key_value_heads": 2}
_PAIR = {
    "vocab_size": 64, "d_model": 32, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 4,
    "decoder_attention_heads": 4, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64,
}  # fmt: skip
_IMAGE = {**_SIZES, "image_size": 16, "patch_size": 4}
_SOUND = {
    **_SIZES, "vocab_size": 64, "conv_dim": [16, 16], "conv_kernel": [10, 3], "conv_stride": [5, 2],
    "num_feat_extract_layers": 2, "num_conv_pos_embeddings": 4, "num_conv_pos_embedding_groups": 2,
    "feat_extract_norm": "layer",
}  # fmt: skip

PRESETS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "Decoders": {
        "gpt2": {"vocab_size": 64, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64},
        "gptj": {"vocab_size": 64, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64, "rotary_dim": 8},
        "gpt_neo": {
            "vocab_size": 64, "hidden_size": 32, "num_layers": 2, "num_heads": 4, "intermediate_size": 64,
            "max_position_embeddings": 64, "attention_types": [[["global", "local"], 1]],
        },
        "gpt_neox": _TEXT,
        "opt": {
            "vocab_size": 64, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "ffn_dim": 64,
            "max_position_embeddings": 64, "word_embed_proj_dim": 32,
        },
        "bloom": {"vocab_size": 64, "hidden_size": 32, "n_layer": 2, "n_head": 4},
        "falcon": {"vocab_size": 64, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4},
        "llama": _GROUPED,
        "mistral": {**_GROUPED, "sliding_window": 8},
        "qwen2": _GROUPED,
        "qwen3": {**_GROUPED, "head_dim": 8},
        "gemma": {**_GROUPED, "head_dim": 8},
        "gemma2": {**_GROUPED, "head_dim": 8},
        "phi": _TEXT,
        "phi3": {**_TEXT, "pad_token_id": 0},
        "stablelm": _GROUPED,
        "olmo2": _TEXT,
        "granite": _GROUPED,
        "cohere": _GROUPED,
    },
    "Mixtures of experts": {
        "mixtral": {**_GROUPED, "num_local_experts": 4},
        "qwen2_moe": {
            **_GROUPED, "num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 16,
            "shared_expert_intermediate_size": 16,
        },
    },
    "State spaces and recurrences": {
        "mamba": {"vocab_size": 64, "hidden_size": 32, "num_hidden_layers": 2, "state_size": 8},
        "mamba2": {
            "vocab_size": 64, "hidden_size": 32, "num_hidden_layers": 2, "state_size": 8, "num_heads": 8,
            "head_dim": 8, "n_groups": 1, "chunk_size": 16,
        },
        "rwkv": {"vocab_size": 64, "hidden_size": 32, "num_hidden_layers": 2, "context_length": 64},
    },
    "Encoders": {
        "bert": _TEXT,
        "roberta": _TEXT,
        "distilbert": {
            "vocab_size": 64, "dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 64, "max_position_embeddings": 64,
        },
        "albert": {**_TEXT, "embedding_size": 16},
        "electra": {**_TEXT, "embedding_size": 16},
        "deberta-v2": {**_TEXT, "relative_attention": True, "pos_att_type": ["p2c", "c2p"]},
    },
    "Encoders with decoders": {
        "t5": {"vocab_size": 64, "d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4},
        "bart": {**_PAIR, "max_position_embeddings": 64},
        "pegasus": {**_PAIR, "max_position_embeddings": 64},
    },
    "Images": {
        "vit": _IMAGE,
        "deit": _IMAGE,
        "beit": _IMAGE,
        "swin": {
            "image_size": 16, "patch_size": 2, "embed_dim": 8, "depths": [1, 1], "num_heads": [2, 2], "window_size": 4,
        },
        "convnext": {"hidden_sizes": [8, 16], "depths": [1, 1], "num_stages": 2, "image_size": 32},
        "resnet": {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1]},
    },
    "Sound": {
        "wav2vec2": _SOUND,
        "hubert": _SOUND,
        "whisper": {
            **_PAIR, "num_mel_bins": 8, "max_source_positions": 16, "max_target_positions": 16, "pad_token_id": 0,
            "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 3,
        },
    },
}  # fmt: skip
"""By family and ``model_type``, the sizes that differ from the architecture's own."""

LARGE: Mapping[str, Mapping[str, Any]] = {
    "gpt2-xl": {"model_type": "gpt2", "n_embd": 1600, "n_layer": 48, "n_head": 25},
    "llama-7b": {
        "model_type": "llama", "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32,
        "num_attention_heads": 32, "vocab_size": 32000,
    },
    "llama-13b": {
        "model_type": "llama", "hidden_size": 5120, "intermediate_size": 13824, "num_hidden_layers": 40,
        "num_attention_heads": 40, "vocab_size": 32000,
    },
    "llama-3-8b": {
        "model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
        "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256,
    },
    "mistral-7b": {
        "model_type": "mistral", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
        "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 32000,
    },
    "qwen2-7b": {
        "model_type": "qwen2", "hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28,
        "num_attention_heads": 28, "num_key_value_heads": 4, "vocab_size": 152064,
    },
}  # fmt: skip
"""Published sizes of models too large to compute here: what is planned without weights."""


def preset(name: str) -> dict[str, Any] | None:
    """The configuration of that ``model_type``, or of a large model, as in a config.json; None without a preset."""
    for family in PRESETS.values():
        if name in family:
            return {"model_type": name, **family[name]}
    return dict(LARGE[name]) if name in LARGE else None
