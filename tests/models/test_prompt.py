"""What a user writes for a model to read."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from explorer import models
from explorer.errors import ModelError
from explorer.models import prompt, sort
from explorer.models.made import Made, Reading

GPT = models.config_of("gpt")


def test_letters_and_ids_are_read_and_written_back() -> None:
    letters = prompt.read("gpt-sort", sort.CONFIG, "cab>a")
    assert letters.tolist() == [[2, 0, 1, 26, 0]]
    assert prompt.written("gpt-sort", letters) == ("C", "A", "B", ">", "A")
    ids = prompt.read("gpt", GPT, " 3, 14  1 ")
    assert ids.tolist() == [[3, 14, 1]] and prompt.written("gpt", ids) == ("3", "14", "1")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("gpt", "", "no token"),
        ("gpt", "3 x 4", "'x' is not a token id"),
        ("gpt", "3 -4", "'-4' is not a token id"),
        ("gpt", "3 27", "token 27 is not in the vocabulary of 27"),
        ("gpt", "3 ٣", "is not a token id"),
        ("gpt", "9" * 400, "is not in the vocabulary"),
        ("gpt", "1 " * 17, "17 tokens are more than the 16"),
        ("gpt-sort", "AB3", "'3' is not a letter"),
        ("gpt-sort", "ABCDEFGHI", "1 to 8 letters"),
    ],
)
def test_what_cannot_be_read_is_named(name: str, text: str, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        prompt.read(name, models.config_of(name), text)


def test_one_token() -> None:
    numbered = Made(nn.Identity(), lambda _: Reading(), size=27)
    lettered = Made(nn.Identity(), lambda _: Reading(), vocabulary=prompt.vocabulary("gpt-sort"), size=27)
    assert numbered.token(" 5 ") == 5
    assert lettered.token(">") == 26 and lettered.token("b") == 1
    for made, text in ((numbered, "1 2"), (numbered, "99"), (lettered, "AB"), (lettered, "")):
        with pytest.raises(ModelError):
            made.token(text)


def test_vectors_are_no_tokens() -> None:
    reading = {name for name in models.names() if prompt.reads_tokens(models.config_of(name))}
    assert reading == {"gpt", "gpt-sort"}
    assert torch.equal(models.example("mlp", seed=3)[0], models.example("mlp", seed=3)[0])
    assert not torch.equal(models.example("mlp", seed=3)[0], models.example("mlp", seed=4)[0])
