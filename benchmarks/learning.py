"""Linear models fitted to annotated text: the multinomial choice and the linear chain, both with an
L2 penalty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import logsumexp

Rows = Sequence[Sequence[str]]


class Features:
    """The features worth a weight: those seen ``least`` times or more, and one always present."""

    def __init__(self, rows: Rows, least: int) -> None:
        counts = Counter(name for row in rows for name in set(row))
        self.names = ["", *sorted(name for name, count in counts.items() if count >= least)]
        self.number = {name: n for n, name in enumerate(self.names)}

    def matrix(self, rows: Rows) -> Any:
        """One row a sample, one column a feature."""
        columns = [[0, *{self.number[name] for name in row if name in self.number}] for row in rows]
        indices = np.fromiter((c for row in columns for c in row), dtype=np.int32)
        pointers = np.cumsum([0, *map(len, columns)])
        return sparse.csr_matrix(
            (np.ones(len(indices)), indices, pointers), shape=(len(rows), len(self.names))
        )


def _minimised(loss: Callable[[Any], tuple[float, Any]], size: int, steps: int) -> Any:
    return minimize(loss, np.zeros(size), jac=True, method="L-BFGS-B", options={"maxiter": steps}).x


def _packed(
    weights: Any, names: Sequence[str], smallest: float = 0.09
) -> tuple[dict[str, list[int]], float]:
    """Weights as whole numbers of a hundredth, without those that hardly count."""
    kept = {}
    for name, row in zip(names, weights, strict=True):
        if not name or np.abs(row).max() >= smallest:
            kept[name] = [int(x) for x in np.rint(row * 100)]
    return kept, 0.01


def fit_pair(
    rows: Rows, labels: Sequence[str], weights: Sequence[float], *, strength: float
) -> dict[str, Any]:
    """A logistic regression between "no" and "yes" as the program reads it."""
    model = fit_choice(rows, labels, weights, strength=strength, order=["no", "yes"])
    return {
        "scale": model["scale"],
        "weights": {name: yes - no for name, (no, yes) in model["weights"].items()},
    }


def fit_choice(
    rows: Rows,
    labels: Sequence[str],
    weights: Sequence[float],
    *,
    strength: float,
    least: int = 2,
    order: Sequence[str] = (),
) -> dict[str, Any]:
    """A multinomial logistic regression as the program reads it; ``strength`` is the L2 penalty."""
    kinds = list(order) or sorted(set(labels))
    features = Features(rows, least)
    x, y, w = (
        features.matrix(rows),
        np.array([kinds.index(label) for label in labels]),
        np.asarray(weights),
    )
    shape = (len(features.names), len(kinds))
    penalty = np.full(shape, strength)
    penalty[0] = strength / 10

    def loss(flat: Any) -> tuple[float, Any]:
        theta = flat.reshape(shape)
        scores = x @ theta
        log = scores - logsumexp(scores, axis=1, keepdims=True)
        gradient = np.exp(log)
        gradient[np.arange(len(y)), y] -= 1
        value = -(w * log[np.arange(len(y)), y]).sum() + 0.5 * (penalty * theta**2).sum()
        return value, (x.T @ (gradient * w[:, None]) + penalty * theta).ravel()

    theta = _minimised(loss, shape[0] * shape[1], 200).reshape(shape)
    packed, scale = _packed(theta, features.names)
    return {"labels": kinds, "scale": scale, "weights": packed}


def fit_chain(
    sequences: Sequence[Rows],
    labels: Sequence[Sequence[str]],
    weights: Sequence[float],
    *,
    strength: float,
    least: int = 2,
) -> dict[str, Any]:
    """A linear-chain conditional random field as the program reads it."""
    kinds = sorted({label for row in labels for label in row})
    features = Features([row for rows in sequences for row in rows], least)
    x = features.matrix([row for rows in sequences for row in rows])
    longest, count, size = max(map(len, sequences)), len(sequences), len(kinds)
    place = np.full((count, longest), -1)
    gold = np.full((count, longest), -1)
    at = 0
    for n, row in enumerate(labels):
        place[n, : len(row)] = np.arange(at, at + len(row))
        gold[n, : len(row)] = [kinds.index(label) for label in row]
        at += len(row)
    mask, w = place >= 0, np.asarray(weights)
    emissions = (len(features.names), size)
    split = emissions[0] * size

    def loss(flat: Any) -> tuple[float, Any]:
        theta, starts, follows = (
            flat[:split].reshape(emissions),
            flat[split : split + size],
            flat[split + size :].reshape(size, size),
        )
        scores = np.where(mask[..., None], (x @ theta)[place], 0.0)
        forward, backward = np.zeros((count, longest, size)), np.zeros((count, longest, size))
        forward[:, 0] = starts + scores[:, 0]
        for t in range(1, longest):
            step = logsumexp(forward[:, t - 1, :, None] + follows, axis=1) + scores[:, t]
            forward[:, t] = np.where(mask[:, t, None], step, forward[:, t - 1])
        for t in range(longest - 2, -1, -1):
            step = logsumexp(follows + (scores[:, t + 1] + backward[:, t + 1])[:, None, :], axis=2)
            backward[:, t] = np.where(mask[:, t + 1, None], step, backward[:, t + 1])
        total = logsumexp(forward[:, -1], axis=1)
        posterior = np.exp(forward + backward - total[:, None, None]) * mask[..., None]
        pairs = np.zeros((size, size))
        value = (w * total).sum()
        for t in range(1, longest):
            joint = (
                forward[:, t - 1, :, None]
                + follows
                + (scores[:, t] + backward[:, t])[:, None, :]
                - total[:, None, None]
            )
            pairs += (np.exp(joint) * (w * mask[:, t])[:, None, None]).sum(axis=0)
        g_starts = (posterior[:, 0] * w[:, None]).sum(axis=0)
        g_follows = pairs
        for n in range(count):
            own = gold[n][mask[n]]
            value -= w[n] * (
                starts[own[0]]
                + scores[n, np.arange(len(own)), own].sum()
                + follows[own[:-1], own[1:]].sum()
            )
            g_starts[own[0]] -= w[n]
            np.subtract.at(g_follows, (own[:-1], own[1:]), w[n])
            posterior[n, np.arange(len(own)), own] -= 1
        flat_rows = (posterior * w[:, None, None])[mask]
        g_theta = x.T @ flat_rows
        value += 0.5 * strength * (flat**2).sum()
        return value, np.concatenate(
            [g_theta.ravel(), g_starts, g_follows.ravel()]
        ) + strength * flat

    flat = _minimised(loss, split + size + size * size, 120)
    packed, scale = _packed(flat[:split].reshape(emissions), features.names)
    follows = flat[split + size :].reshape(size, size)
    return {
        "labels": kinds,
        "scale": scale,
        "weights": packed,
        "starts": [round(float(v), 3) for v in flat[split : split + size]],
        "follows": [[round(float(v), 3) for v in row] for row in follows],
    }


def rising(pairs: Sequence[tuple[float, bool]], least: int = 25) -> list[list[float]]:
    """How often the second is true where the first is about so large, never falling (pool adjacent
    violators).

    Each point is the mean of at least ``least`` pairs; half a pair of each outcome is added, so
    that none is certain.
    """
    ordered = sorted(pairs)
    pools: list[list[float]] = []  # sum of the first, sum of the second, how many
    for n in range(0, len(ordered), least):
        part = ordered[n : n + least] if len(ordered) - n >= 2 * least else ordered[n:]
        pools.append([sum(x for x, _ in part), sum(y for _, y in part), len(part)])
        while len(pools) > 1 and pools[-2][1] / pools[-2][2] >= pools[-1][1] / pools[-1][2]:
            last = pools.pop()
            pools[-1] = [a + b for a, b in zip(pools[-1], last, strict=True)]
        if len(ordered) - n < 2 * least:
            break
    return [[round(x / count, 3), round((y + 0.5) / (count + 1), 3)] for x, y, count in pools]
