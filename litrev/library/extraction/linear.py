"""Small linear models whose weights were learned: a choice between labels, alone or along a chain.

A feature is a name that holds or does not; a label's score is the sum of the weights of the
features that hold. Features that begin with a language's name are words of that language, all
others are shared by every language.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any


@dataclass(frozen=True, slots=True)
class Choice:
    """A multinomial logistic regression."""

    labels: tuple[str, ...]
    weights: Mapping[str, Sequence[int]]
    scale: float

    def scores(self, features: Iterable[str]) -> list[float]:
        """The score of each label; features that were never learned count for nothing."""
        get = self.weights.get
        rows = [get("") or [0] * len(self.labels), *(row for row in map(get, features) if row)]
        return [sum(column) * self.scale for column in zip(*rows, strict=True)]

    def probabilities(self, features: Iterable[str]) -> dict[str, float]:
        """How likely each label is."""
        return dict(zip(self.labels, _normalised(self.scores(features)), strict=True))


@dataclass(frozen=True, slots=True)
class Chain:
    """A linear-chain conditional random field: what follows what counts too."""

    choice: Choice
    starts: Sequence[float]
    follows: Sequence[Sequence[float]]

    def posteriors(self, observed: Sequence[Iterable[str]]) -> list[dict[str, float]]:
        """How likely each label is at each place, given all of ``observed`` (the forward-backward algorithm)."""
        scores = [self.choice.scores(features) for features in observed]
        if not scores:
            return []
        into = [[math.exp(row[label]) for row in self.follows] for label in range(len(self.choice.labels))]
        out_of = [[math.exp(weight) for weight in row] for row in self.follows]
        local = [_exponentials(row) for row in scores]
        forward = [_shares([math.exp(a) * b for a, b in zip(self.starts, local[0], strict=True)])]
        for here in local[1:]:
            forward.append(_shares([_dot(forward[-1], column) * b for column, b in zip(into, here, strict=True)]))
        backward = [[1.0] * len(local[0])]
        for after in reversed(local[1:]):
            ahead = [a * b for a, b in zip(after, backward[-1], strict=True)]
            backward.append(_shares([_dot(ahead, row) for row in out_of]))
        backward.reverse()
        return [dict(zip(self.choice.labels, _shares([a * b for a, b in zip(f, g, strict=True)]), strict=True)) for f, g in zip(forward, backward, strict=True)]


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def _exponentials(scores: Sequence[float]) -> list[float]:
    highest = max(scores)
    return [math.exp(max(score - highest, -60.0)) for score in scores]


def _shares(amounts: Sequence[float]) -> list[float]:
    total = sum(amounts)
    return [amount / total for amount in amounts]


def _normalised(scores: Sequence[float]) -> list[float]:
    return _shares(_exponentials(scores))


@dataclass(frozen=True, slots=True)
class Models:
    """The models that are in use, by what they judge, and how often what a field's was this sure of is right."""

    judges: Mapping[str, Choice | Chain]
    confidence: Mapping[str, Sequence[tuple[float, float]]]


def loaded(content: Mapping[str, Any]) -> Models:
    """The models that a file of weights describes."""
    judges: dict[str, Choice | Chain] = {}
    for name, entry in content.items():
        if name != "confidence":
            choice = Choice(tuple(entry["labels"]), entry["weights"], entry["scale"])
            judges[name] = Chain(choice, entry["starts"], entry["follows"]) if "follows" in entry else choice
    return Models(judges, content.get("confidence", {}))


@cache
def models() -> Models:
    """The models that come with litrev."""
    import json
    from importlib import resources

    return loaded(json.loads(resources.files(__package__).joinpath("data", "weights.json").read_text("utf-8")))


def confidence(field: str, likely: float) -> float:
    """How often proposals for ``field`` that its model held this likely were right on abstracts it had not seen."""
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


def choice(name: str) -> Choice:
    """The model that judges ``name`` by itself."""
    found = models().judges[name]
    return found.choice if isinstance(found, Chain) else found


def chain(name: str) -> Chain:
    """The model that judges a sequence of ``name``."""
    found = models().judges[name]
    if not isinstance(found, Chain):
        raise TypeError(f"{name} is judged one by one")
    return found
