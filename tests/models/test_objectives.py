"""The losses, against their definitions."""

from __future__ import annotations

import pytest
import torch

from explorer.errors import ModelError
from explorer.models import objectives, sort


def logits(tokens: int, vocabulary: int) -> torch.Tensor:
    return torch.randn(1, tokens, vocabulary, generator=torch.Generator().manual_seed(5))


def test_the_sorting_model_is_asked_for_the_letters_of_the_answer() -> None:
    tokens, scores = sort.encode("CAB>A"), logits(5, 27)
    shares = scores.softmax(-1)[0]
    expected = -(shares[3, 0].log() + shares[4, 1].log()) / 2  # After ">" an A, after that a B.
    torch.testing.assert_close(objectives.next_token("gpt-sort", tokens)(scores), expected)


def test_a_whole_answer_asks_for_nothing_more() -> None:
    tokens, scores = sort.encode("BA>A"), logits(4, 27)
    shares = scores.softmax(-1)[0]
    expected = -(shares[2, 0].log() + shares[3, 1].log()) / 2
    torch.testing.assert_close(objectives.next_token("gpt-sort", tokens)(scores), expected)


def test_other_models_are_asked_for_the_token_that_follows() -> None:
    scores = logits(3, 5)
    shares = scores.softmax(-1)[0]
    expected = -(shares[0, 4].log() + shares[1, 2].log()) / 2
    torch.testing.assert_close(objectives.next_token("gpt", torch.tensor([[1, 4, 2]]))(scores), expected)
    with pytest.raises(ModelError, match="two tokens"):
        objectives.next_token("gpt", torch.tensor([[1]]))


def test_single_scores_sums_and_distances() -> None:
    scores = logits(3, 5)
    assert objectives.logit(1, 4)(scores) == scores[0, 1, 4]
    assert objectives.highest(2)(scores) == max(scores[0, 2].tolist())
    assert objectives.total(scores) == scores.sum()
    torch.testing.assert_close(objectives.squared_error(2.0)(scores), ((scores - 2) ** 2).mean())
