"""The GPT of the other rows in JAX, with the same weights, for the time that JAX's own tracer takes."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from torch import Tensor, nn


class JaxGPT:
    """``explorer.models.gpt.GPT`` over again; ``weights`` by their names in PyTorch."""

    def __init__(self, model: nn.Module, tokens: Tensor) -> None:
        self.config = model.config
        self.weights = {name: jnp.asarray(p.detach().numpy()) for name, p in model.named_parameters()}
        self.tokens = jnp.asarray(tokens.numpy())

    def jaxpr(self) -> Any:
        """The equations of the loss and of its gradients: no number is computed."""
        return jax.make_jaxpr(jax.value_and_grad(self.loss))(self.weights)

    def loss(self, weights: dict[str, Any]) -> Any:
        logs = jax.nn.log_softmax(self._logits(weights)[:, :-1])
        return -jnp.take_along_axis(logs, self.tokens[:, 1:, None], 2).mean()

    def _logits(self, w: dict[str, Any]) -> Any:
        x = w["wte.weight"][self.tokens] + w["wpe.weight"][jnp.arange(self.tokens.shape[1])]
        for layer in range(self.config.layers):
            own = {name.removeprefix(f"h.{layer}."): value for name, value in w.items()}
            x = x + self._attention(own, _norm(own, "ln_1", x))
            x = x + _linear(
                own, "mlp.proj", jax.nn.gelu(_linear(own, "mlp.fc", _norm(own, "ln_2", x)), approximate=False)
            )
        return _norm(w, "ln_f", x) @ w["wte.weight"].T

    def _attention(self, w: dict[str, Any], x: Any) -> Any:
        batch, tokens, width = x.shape
        parts = jnp.split(_linear(w, "attn.qkv", x), 3, axis=2)
        q, k, v = (part.reshape(batch, tokens, self.config.heads, -1).transpose(0, 2, 1, 3) for part in parts)
        scores = q @ k.transpose(0, 1, 3, 2) / np.sqrt(width // self.config.heads)
        scores = jnp.where(jnp.tril(jnp.ones((tokens, tokens), bool)), scores, -jnp.inf)
        mixed = (jax.nn.softmax(scores) @ v).transpose(0, 2, 1, 3).reshape(batch, tokens, width)
        return _linear(w, "attn.proj", mixed)


def _linear(w: dict[str, Any], name: str, x: Any) -> Any:
    return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]


def _norm(w: dict[str, Any], name: str, x: Any) -> Any:
    scaled = (x - x.mean(-1, keepdims=True)) / jnp.sqrt(x.var(-1, keepdims=True) + 1e-5)
    return scaled * w[f"{name}.weight"] + w[f"{name}.bias"]
