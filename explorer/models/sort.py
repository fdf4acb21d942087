"""The task of the trained GPT: after ``CABBAC>`` write ``AABBCC``. Its answers can be checked.

A sequence of n letters is read as n letters, the sign ``>``, and the same letters in order. A sixteenth of all
words, chosen by a checksum, is held out: never trained on, always the ones that are tested.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.errors import ModelError
from explorer.models.gpt import GPTConfig

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ>"
LONGEST = 8
CONFIG = GPTConfig(vocabulary=len(LETTERS), context=2 * LONGEST, layers=2, heads=4, width=48)
_SIGN = LETTERS.index(">")


def encode(text: str) -> Tensor:
    """Token ids ``(1, tokens)`` of letters, with the sign put behind them where it is missing.

    Raises ModelError, naming the character, for anything but letters, and for more than ``LONGEST`` of them.
    """
    word, sign, answer = text.strip().upper().partition(">")
    for character in word + answer:
        if character not in LETTERS[:-1]:
            raise ModelError(f"{character!r} is not a letter from A to Z, and the model knows nothing else.")
    if not 1 <= len(word) <= LONGEST or len(answer) >= len(word) + (not sign):
        raise ModelError(f"The model sorts 1 to {LONGEST} letters, and {text.strip()!r} is not that. Try CABBAC.")
    return torch.tensor([[LETTERS.index(c) for c in f"{word}>{answer}"]])


def decode(tokens: Tensor) -> str:
    """The text of one row of token ids."""
    return "".join(LETTERS[i] for i in tokens.flatten().tolist())


def examples(count: int, length: int, generator: torch.Generator, *, held_out: bool) -> Tensor:
    """``(rows, 2 length + 1)`` token ids of words with their answers: at most ``count`` rows, all of one kind.

    Each row draws from an alphabet of its own size, so that letters that occur twice are common.
    """
    sizes = torch.randint(1, _SIGN + 1, (count, 1), generator=generator)
    alphabets = torch.rand(count, _SIGN, generator=generator).argsort(1)
    picks = (torch.rand(count, length, generator=generator) * sizes).long()
    words = alphabets.gather(1, picks)
    words = words[is_held_out(words) == held_out]
    sign = words.new_full((len(words), 1), _SIGN)
    return torch.cat((words, sign, words.sort(1).values), dim=1)


def is_held_out(words: Tensor) -> Tensor:
    """Per row of letters ``(rows, length)`` whether the checksum keeps it out of training."""
    return (words * (31 ** torch.arange(words.shape[1]) % 1009)).sum(1) % 16 == 0


def loss(logits: Tensor, tokens: Tensor) -> Tensor:
    """Cross entropy of the answer's letters; what stands before the sign is not to be predicted.

    ``logits`` is ``(rows, 2 length, letters)`` for the tokens ``(rows, 2 length + 1)`` without their last column.
    """
    length = tokens.shape[1] // 2
    return F.cross_entropy(logits[:, length:].flatten(0, 1), tokens[:, length + 1 :].flatten())


@torch.no_grad()
def answer(model: nn.Module, questions: Tensor) -> Tensor:
    """The likeliest answers ``(rows, length)`` to ``(rows, length + 1)`` token ids, letter by letter."""
    tokens = questions
    for _ in range(questions.shape[1] - 1):
        tokens = torch.cat((tokens, model(tokens)[:, -1:].argmax(-1)), dim=1)
    return tokens[:, questions.shape[1] :]


def share_sorted(model: nn.Module, count: int, generator: torch.Generator) -> float:
    """The share of held-out words, of all lengths, that the model sorts without a mistake."""
    right = total = 0
    for length in range(1, LONGEST + 1):
        rows = examples(16 * count // LONGEST, length, generator, held_out=True)
        right += int((answer(model, rows[:, : length + 1]) == rows[:, length + 1 :]).all(1).sum())
        total += len(rows)
    return right / total
