"""Small linear models with learned weights: a choice between labels, alone or along a chain.

A feature is a name that is present or not; a label's score is the sum of the weights of the
features that are present. Features that begin with a language's name are words of that language,
all others are shared by every language.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import repeat
from typing import Any, NamedTuple, TypeVar


class Choice(NamedTuple):
    """A multinomial logistic regression."""

    labels: tuple[str, ...]
    weights: Mapping[str, Sequence[int]]
    scale: float

    def sums(self, features: Iterable[str]) -> list[int]:
        """The sum of the weights of ``features`` for each label; unknown features count 0."""
        rows = [[0] * len(self.labels), *filter(None, map(self.weights.get, features))]
        return [*map(sum, zip(*rows, strict=True))]

    def scores(self, features: Iterable[str]) -> list[float]:
        """The score of each label."""
        return [total * self.scale for total in self.sums(("", *features))]

    def probabilities(self, features: Iterable[str], shared: Sequence[int]) -> dict[str, float]:
        """How likely each label is; ``shared`` are the sums of features that are present too."""
        scores = [
            (a + b) * self.scale for a, b in zip(self.sums(("", *features)), shared, strict=True)
        ]
        return dict(zip(self.labels, _shares(_exponentials(scores)), strict=True))


class Pair(NamedTuple):
    """A logistic regression between no and yes."""

    weights: Mapping[str, int]
    scale: float

    def sum(self, features: Iterable[str]) -> int:
        """The sum of the weights of ``features`` for yes."""
        return sum(map(self.weights.get, features, repeat(0)))

    def probability(self, features: Iterable[str], shared: int) -> float:
        """How likely yes is; ``shared`` is the sum of features that are present too."""
        return 1 / (
            1
            + math.exp(
                min(60.0, -self.scale * (self.weights.get("", 0) + shared + self.sum(features)))
            )
        )


class Chain(NamedTuple):
    """A linear-chain conditional random field: which label follows which counts too."""

    choice: Choice
    starts: Sequence[float]
    follows: Sequence[Sequence[float]]

    def posteriors(self, observed: Sequence[Iterable[str]]) -> list[dict[str, float]]:
        """How likely each label is at each place, given all of ``observed``.

        It is computed by the forward-backward algorithm.
        """
        scores = [self.choice.scores(features) for features in observed]
        if not scores:
            return []
        into = [
            [math.exp(row[label]) for row in self.follows]
            for label in range(len(self.choice.labels))
        ]
        out_of = [[math.exp(weight) for weight in row] for row in self.follows]
        local = [_exponentials(row) for row in scores]
        forward = [_shares([math.exp(a) * b for a, b in zip(self.starts, local[0], strict=True)])]
        for here in local[1:]:
            forward.append(
                _shares(
                    [_dot(forward[-1], column) * b for column, b in zip(into, here, strict=True)]
                )
            )
        backward = [[1.0] * len(local[0])]
        for after in reversed(local[1:]):
            ahead = [a * b for a, b in zip(after, backward[-1], strict=True)]
            backward.append(_shares([_dot(ahead, row) for row in out_of]))
        backward.reverse()
        return [
            dict(
                zip(
                    self.choice.labels,
                    _shares([a * b for a, b in zip(f, g, strict=True)]),
                    strict=True,
                )
            )
            for f, g in zip(forward, backward, strict=True)
        ]


def _dot(left: Sequence[float], right: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(left, right, strict=True))


def _exponentials(scores: Sequence[float]) -> list[float]:
    highest = max(scores)
    return [math.exp(max(score - highest, -60.0)) for score in scores]


def _shares(amounts: Sequence[float]) -> list[float]:
    total = sum(amounts)
    return [amount / total for amount in amounts]


class Models(NamedTuple):
    """The models by what they judge, and how reliable their proposals are.

    ``confidence`` holds, for each field, points (how likely the model held a proposal, how often
    such a proposal was right).
    """

    judges: Mapping[str, Choice | Pair | Chain]
    confidence: Mapping[str, Sequence[tuple[float, float]]]


def loaded(content: Mapping[str, Any]) -> Models:
    """The models in a file of weights."""
    judges: dict[str, Choice | Pair | Chain] = {}
    for name, entry in content.items():
        if name == "confidence":
            continue
        if "labels" not in entry:
            judges[name] = Pair(entry["weights"], entry["scale"])
        else:
            choice = Choice(tuple(entry["labels"]), entry["weights"], entry["scale"])
            judges[name] = (
                Chain(choice, entry["starts"], entry["follows"]) if "follows" in entry else choice
            )
    return Models(judges, content.get("confidence", {}))


@cache
def models() -> Models:
    """The models that come with litrev."""
    import json
    from importlib import resources

    return loaded(
        json.loads(resources.files(__package__).joinpath("data", "weights.json").read_text("utf-8"))
    )


def confidence(field: str, likely: float) -> float:
    """How often proposals for ``field`` that its model held this likely were right.

    It was measured on abstracts that the model had not seen; between the measured points it is
    interpolated.
    """
    points = models().confidence.get(field)
    if not points:
        return likely
    below, above = points[0], points[-1]
    for point in points:
        if point[0] <= likely:
            below = point
        else:
            above = point
            break
    if likely <= below[0] or above[0] <= likely or above[0] == below[0]:
        return below[1] if likely >= below[0] else points[0][1]
    return below[1] + (above[1] - below[1]) * (likely - below[0]) / (above[0] - below[0])


Judge = TypeVar("Judge", Choice, Pair, Chain)


def judge(name: str, kind: type[Judge]) -> Judge:
    """The model that judges ``name``; raises TypeError if it is not a ``kind``."""
    model = models().judges[name]
    if not isinstance(model, kind):
        raise TypeError(f"{name} is not judged by a {kind.__name__}")
    return model
