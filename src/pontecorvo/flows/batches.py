"""Training data: arrays, or a simulator that never repeats itself. Both in numpy, on the unit cube.

A batch depends on the seed and the step only, so an interrupted run sees the same examples again.
"""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..base.errors import InputError
from ..base.seeds import stream

if TYPE_CHECKING:
    from torch import Tensor

Source = Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]


class Examples(Protocol):
    """Pairs of points in the unit cube (n, D) and conditions (n, C)."""

    def batch(self, step: int, n: int) -> tuple[np.ndarray, np.ndarray]:
        """The examples of a step."""

    def sample(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Examples from which scales and ranges are read."""

    def describe(self) -> dict[str, Any]:
        """What they are, as plain JSON types, with a hash of the data."""


def _checked(u: np.ndarray, condition: np.ndarray, what: str) -> tuple[np.ndarray, np.ndarray]:
    u, condition = np.asarray(u, dtype=float), np.asarray(condition, dtype=float)
    if condition.ndim == 1 and condition.size == 0:
        condition = condition.reshape(len(u), 0)
    if u.ndim != 2 or condition.ndim != 2 or len(u) != len(condition):
        raise InputError(
            f"{what}: points {u.shape} and conditions {condition.shape}; need (n, D) and (n, C)"
        )
    if not (np.isfinite(u).all() and np.isfinite(condition).all()):
        raise InputError(f"{what}: holds values that are not finite numbers; remove those rows")
    return u, condition


class ArrayExamples:
    """A fixed data set, shuffled anew each epoch, or drawn by weight.

    Args:
        u: Points (N, D) in the unit cube.
        condition: Conditions (N, C); (N, 0) for none.
        weights: Drawing probabilities (N,), unnormalised; None: every example once an epoch.
        seed: Seed of the order.
    """

    def __init__(
        self,
        u: np.ndarray,
        condition: np.ndarray,
        weights: np.ndarray | None = None,
        seed: int = 0,
    ) -> None:
        self.u, self.condition = _checked(u, condition, "training data")
        if len(self.u) == 0:
            raise InputError("training data: is empty")
        self.seed = seed
        self.cumulative: np.ndarray | None = None
        if weights is not None:
            weights = np.asarray(weights, dtype=float)
            good = weights.shape == (len(self.u),) and np.isfinite(weights).all()
            if not (good and (weights >= 0).all() and weights.sum() > 0):
                raise InputError("training data: weights must be finite, not negative, one a row")
            self.cumulative = np.cumsum(weights) / weights.sum()
        self._order = lru_cache(maxsize=2)(self._permutation)

    def _permutation(self, epoch: int) -> np.ndarray:
        return stream(self.seed, "epoch", epoch).permutation(len(self.u))

    def batch(self, step: int, n: int) -> tuple[np.ndarray, np.ndarray]:
        """The examples of a step."""
        size = len(self.u)
        if self.cumulative is not None:
            draws = stream(self.seed, "weighted", step).random(n)
            rows = np.searchsorted(self.cumulative, draws, side="right").clip(max=size - 1)
        else:
            position = np.arange(step * n, (step + 1) * n)
            epochs = position // size
            rows = np.concatenate(
                [self._order(int(e))[position[epochs == e] - e * size] for e in np.unique(epochs)]
            )
        return self.u[rows], self.condition[rows]

    def sample(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """The first steps' examples, or all where there are fewer."""
        if self.cumulative is None and n >= len(self.u):
            return self.u, self.condition
        return self.batch(0, min(n, len(self.u)))

    def describe(self) -> dict[str, Any]:
        """Number of examples and the SHA-256 of their bytes."""
        digest = hashlib.sha256()
        for array in (self.u, self.condition, self.cumulative):
            if array is not None:
                digest.update(np.ascontiguousarray(array).tobytes())
        return {
            "kind": "arrays",
            "examples": len(self.u),
            "sha256": digest.hexdigest(),
            "seed": self.seed,
        }


class SimulatedExamples:
    """Fresh examples from a simulator, computed in blocks of many steps.

    Args:
        source: ``source(rng, n) -> (u (n, D), condition (n, C))``.
        description: What the source is, as plain JSON types; part of the card and of the
            checkpoint's identity.
        seed: Seed of the simulations.
        block: Steps simulated at once.
    """

    def __init__(
        self, source: Source, description: dict[str, Any], seed: int = 0, block: int = 64
    ) -> None:
        self.source = source
        self.description = description
        self.seed = seed
        self.block = block
        self._kept = lru_cache(maxsize=1)(self._simulate)

    def _simulate(self, index: int, n: int) -> tuple[np.ndarray, np.ndarray]:
        rng = stream(self.seed, "simulate", index)
        u, condition = _checked(*self.source(rng, n), "simulator")
        if len(u) != n:
            raise InputError(f"simulator: gave {len(u)} examples where {n} were asked for")
        return u, condition

    def batch(self, step: int, n: int) -> tuple[np.ndarray, np.ndarray]:
        """The examples of a step."""
        u, condition = self._kept(step // self.block, n * self.block)
        part = slice((step % self.block) * n, (step % self.block + 1) * n)
        return u[part], condition[part]

    def sample(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Examples that no step sees."""
        return _checked(*self.source(stream(self.seed, "sample"), n), "simulator")

    def describe(self) -> dict[str, Any]:
        """The description of the source, and a hash of some of its examples."""
        u, condition = self.sample(1024)
        digest = hashlib.sha256(np.ascontiguousarray(u).tobytes())
        digest.update(np.ascontiguousarray(condition).tobytes())
        return {
            "kind": "simulated",
            "source": self.description,
            "sha256": digest.hexdigest(),
            "seed": self.seed,
        }


class CarriedExamples:
    """Batches of examples as a network takes them: carried by a function, here and not before."""

    def __init__(
        self,
        examples: Examples,
        carry: Callable[[np.ndarray, np.ndarray], tuple["Tensor", "Tensor"]],
    ) -> None:
        self.examples = examples
        self.carry = carry

    def batch(self, step: int, n: int) -> tuple["Tensor", "Tensor"]:
        """The examples of a step."""
        return self.carry(*self.examples.batch(step, n))
