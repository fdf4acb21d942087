"""The shipped models against torch's own modules, against what defines them, and traced against plain PyTorch."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer import models
from explorer.errors import ModelError
from explorer.models import attention, encoder, gpt, llama, sort, weights
from tests.capture.oracle import hold


def random(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(4))


@pytest.mark.parametrize("name", models.names())
def test_every_model_is_traced_as_torch_computes_it(name: str) -> None:
    model, args = models.load(name), models.example(name)
    run = hold(model, args, loss=lambda y: y.sin().sum())
    assert all(run.grad(name) is not None for name, _ in model.named_parameters())


@pytest.mark.parametrize("name", models.names())
def test_a_model_is_the_same_every_time_and_draws_nothing(name: str) -> None:
    before = torch.get_rng_state()
    first, second = models.load(name).state_dict(), models.load(name).state_dict()
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(first[key], second[key]) for key in first)


@pytest.mark.parametrize("causal", [False, True])
def test_attention_is_torchs(causal: bool) -> None:
    q, k, v = random(3, 2, 4, 5, 8)
    mask = attention.causal_mask(5) if causal else None
    expected = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    torch.testing.assert_close(attention.attend(q, k, v, mask), expected)


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_the_encoder_layer_is_torchs(norm: str) -> None:
    config = encoder.EncoderConfig(norm=norm)  # type: ignore[arg-type]
    ours = encoder.EncoderLayer(config)
    theirs = nn.TransformerEncoderLayer(
        config.width, config.heads, config.hidden, dropout=0.0, batch_first=True, norm_first=norm == "pre"
    )
    pairs = [
        (theirs.self_attn.in_proj_weight, ours.attn.qkv.weight),
        (theirs.self_attn.in_proj_bias, ours.attn.qkv.bias),
        *zip(theirs.self_attn.out_proj.parameters(), ours.attn.proj.parameters(), strict=True),
        *zip(theirs.linear1.parameters(), ours.ffn.fc.parameters(), strict=True),
        *zip(theirs.linear2.parameters(), ours.ffn.proj.parameters(), strict=True),
    ]
    for target, source in pairs:
        target.data.copy_(source.data)
    x = random(2, 5, config.width)
    torch.testing.assert_close(ours(x), theirs(x))


def test_rms_norm_is_torchs() -> None:
    x = random(2, 5, 8)
    torch.testing.assert_close(llama.RMSNorm(8, 1e-5)(x), nn.RMSNorm(8, eps=1e-5)(x))


def test_the_product_of_rotated_tokens_depends_on_their_distance() -> None:
    q, k = random(8).expand(1, 1, 9, 8), random(2, 8)[1].expand(1, 1, 9, 8)
    products = llama.rotate(q, 100.0) @ llama.rotate(k, 100.0).transpose(-2, -1)
    for distance in range(-4, 5):
        diagonal = products[0, 0].diagonal(distance)
        torch.testing.assert_close(diagonal, diagonal[:1].expand_as(diagonal))


def test_shared_groups_are_heads_repeated() -> None:
    shared = llama.GroupedAttention(llama.LlamaConfig(groups=2))
    full = llama.GroupedAttention(llama.LlamaConfig(groups=4))
    state = shared.state_dict()
    for name in ("k.weight", "v.weight"):
        state[name] = state[name].unflatten(0, (2, 8)).repeat_interleave(2, 0).flatten(0, 1)
    full.load_state_dict(state)
    x = random(2, 5, 32)
    torch.testing.assert_close(shared(x), full(x))


@pytest.mark.parametrize("name", ["gpt", "llama-block"])
def test_no_token_sees_the_ones_after_it(name: str) -> None:
    model, (x,) = models.load(name), models.example(name)
    changed = x.clone()
    changed[:, 3:] = changed[:, 3:].flip(1)
    assert torch.equal(model(x)[:, :3], model(changed)[:, :3])
    assert not torch.equal(model(x)[:, 3:], model(changed)[:, 3:])


def test_the_next_token_loss_is_the_mean_surprise() -> None:
    logits, tokens = random(1, 3, 5), torch.tensor([[1, 4, 2]])
    shares = logits.softmax(-1)[0]
    expected = -(shares[0, 4].log() + shares[1, 2].log()) / 2
    torch.testing.assert_close(gpt.next_token_loss(logits, tokens), expected)


def test_the_trained_gpt_sorts_what_it_has_never_seen() -> None:
    share = sort.share_sorted(models.load("gpt-sort"), 12000, torch.Generator().manual_seed(99))
    assert share >= 0.999


@pytest.mark.parametrize("word", ["CABBAC", "banana", "Z", "ZYXWVUTS"])
def test_the_trained_gpt_answers_a_prompt(word: str) -> None:
    answer = sort.answer(models.load("gpt-sort"), sort.encode(word))
    assert sort.decode(answer) == "".join(sorted(word.upper()))


def test_held_out_words_are_never_trained_on() -> None:
    rows = sort.examples(4000, 5, torch.Generator().manual_seed(0), held_out=False)
    assert len(rows) > 3000
    assert not sort.is_held_out(rows[:, :5]).any()
    assert torch.equal(rows[:, :5].sort(1).values, rows[:, 6:])


def test_the_trained_weights_are_small() -> None:
    path = Path(weights.asset("models", "gpt-sort.safetensors"))
    assert path.stat().st_size < 1_000_000


@pytest.mark.parametrize("text", ["", "ABCDEFGHI", "A1", "Ä", "AB>ABC", "a b"])
def test_a_prompt_it_cannot_read_is_refused(text: str) -> None:
    with pytest.raises(ModelError):
        sort.encode(text)


@pytest.mark.parametrize(
    ("name", "sizes", "words"),
    [
        ("gtp", {}, "gpt"),
        ("gpt", {"depth": 3}, "layers"),
        ("gpt", {"width": 30}, "heads"),
        ("gpt", {"layers": 0}, "layers"),
        ("gpt", {"layers": "2"}, "layers"),
        ("gpt-sort", {"layers": 3}, "trained"),
        ("llama-block", {"groups": 3}, "groups"),
        ("mlp", {"sizes": (3,)}, "layers"),
    ],
)
def test_what_cannot_be_made_is_refused(name: str, sizes: dict[str, object], words: str) -> None:
    with pytest.raises(ModelError, match=words):
        models.load(name, **sizes)


def test_more_tokens_than_the_context_are_refused() -> None:
    with pytest.raises(ModelError, match="16"):
        models.load("gpt")(torch.zeros(1, 17, dtype=torch.long))


def test_broken_weights_are_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"\x00" * 100)
    for path in (broken, tmp_path / "missing.safetensors"):
        with pytest.raises(ModelError, match=path.name):
            weights.read_weights(models.load("gpt"), path)
    with pytest.raises(ModelError, match="another model"):
        weights.read_weights(models.load("mlp"), weights.asset("models", "gpt-sort.safetensors"))
