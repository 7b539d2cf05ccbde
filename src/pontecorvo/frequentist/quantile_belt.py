"""Confidence belts without new toys: critical values learned by quantile regression.

The belt at level L needs, at every point theta, the L quantile of the test statistic
t(d, theta) = 2 [max ln r(d) - ln r(d, theta)] over data sets made at theta. From pairs (theta, t)
of one bank of simulations a network learns all of them at once: the mean pinball loss is smallest
at the quantile (Koenker & Bassett, Econometrica 46 (1978) 33; for critical values
arXiv:2107.03920). Whatever the statistic - exact, or an estimator's - the belt covers if the
quantiles are right; a wrong estimator only makes them wide.

A network that fits its simulations by heart has quantiles that are too low for others. So training
stops by simulations held out, and simulations that it has never seen move every quantile by one
factor, such that coverage over the prior is the level (conformalised quantile regression,
arXiv:1905.03222, with ratios for differences: t is positive and its quantiles differ by region).
`belt_coverage` checks the rest: the plane cell by cell.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from scipy.stats import binom
from torch import Tensor, nn

from ..base.errors import InputError
from ..base.files import load_arrays, save_arrays
from ..base.seeds import stream
from ..flows.torch_threads import torch_defaults
from ..sbi.small_training import train_small
from .trial_region import LEVELS


@dataclass(frozen=True)
class BeltSettings:
    """Network and training.

    Attributes:
        width: Width of the network.
        frequencies: Sines up to this many half waves along the two axes.
        steps: Training steps at most.
        batch: Simulations a step.
        learning_rate: The largest.
        held_out: Share of the simulations by which training is stopped.
        seed: Seed of weights and batches.
    """

    width: int = 32
    frequencies: tuple[int, int] = (4, 12)
    steps: int = 3000
    batch: int = 512
    learning_rate: float = 2e-3
    held_out: float = 0.2
    seed: int = 0


class QuantileBelt:
    """Critical values at any point of a plane.

    Args:
        low: Lowest coordinates (2,) of the plane,
        high: and highest: the prior is flat between them.
        levels: Confidence levels (L,), ascending.
        settings: Network and training.
    """

    @torch_defaults()
    def __init__(
        self,
        low: np.ndarray,
        high: np.ndarray,
        levels: Sequence[float] = LEVELS,
        settings: BeltSettings | None = None,
    ) -> None:
        self._low, self._width = np.asarray(low, float), np.asarray(high, float) - low
        self.levels = tuple(sorted(levels))
        if not self.levels or not all(0 < level < 1 for level in self.levels):
            raise InputError(f"belt levels {list(levels)}: give numbers between 0 and 1")
        self.settings = settings or BeltSettings()
        self.scale = 1.0
        self.factors = np.ones(len(self.levels))
        """What `conform` multiplies each level's quantile by."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.settings.seed)
            width, (few, many) = self.settings.width, self.settings.frequencies
            self.network = nn.Sequential(
                nn.Linear(2 * (1 + few + many), width), nn.SiLU(), nn.Linear(width, width),
                nn.SiLU(), nn.Linear(width, len(self.levels)),
            )  # fmt: skip

    def to_square(self, theta: np.ndarray) -> np.ndarray:
        """Points (N, 2) of the plane in units of its width."""
        return (np.asarray(theta, dtype=float) - self._low) / self._width

    @torch_defaults()
    def _forward(self, u: Tensor) -> Tensor:
        few, many = self.settings.frequencies
        parts = [2 * u - 1]
        for column, count in ((0, few), (1, many)):
            angle = torch.pi * u[:, [column]] * torch.arange(1, count + 1)
            parts += [torch.cos(angle), torch.sin(angle)]
        steps = nn.functional.softplus(self.network(torch.cat(parts, dim=1)))
        return torch.cumsum(steps, dim=1)  # quantiles do not cross

    def fit(self, theta: np.ndarray, statistic: np.ndarray) -> list[float]:
        """Learn from parameters (N, 2) and the statistic (N,) of a data set made at each.

        Returns:
            The loss of every hundredth step.
        """
        statistic = _checked(theta, statistic)
        self.scale = float(np.quantile(statistic, 0.9)) or 1.0
        self.factors = np.ones(len(self.levels))
        s = self.settings
        u = torch.from_numpy(self.to_square(theta)).float()
        t = torch.from_numpy(np.log1p(statistic / self.scale)).float()  # its tail is long
        levels = torch.tensor(self.levels)
        count = len(u) - int(s.held_out * len(u))

        def pinball(rows: np.ndarray | slice) -> Tensor:
            gap = t[rows, None] - self._forward(u[rows])
            return torch.maximum(levels * gap, (levels - 1) * gap).mean()

        def loss(step: int) -> Tensor:
            return pinball(stream(s.seed, "belt", step).integers(0, count, s.batch))

        held_out = (lambda: pinball(slice(count, None))) if count < len(u) else None
        return train_small(self.network, loss, s.steps, s.learning_rate, held_out=held_out)

    def conform(self, theta: np.ndarray, statistic: np.ndarray) -> None:
        """Set the factors by simulations that `fit` has not seen, as `fit` takes them.

        For a new data set of the prior, the chance to cover is the level at least, and by one part
        in N + 1 more at most, whatever `fit` has learned.
        """
        statistic = _checked(theta, statistic)
        self.factors = np.ones(len(self.levels))
        ratios = np.sort(statistic[:, None] / self.critical(theta), axis=0)
        n = len(ratios)
        rank = np.minimum(np.ceil((n + 1) * np.array(self.levels)).astype(int), n) - 1
        self.factors = ratios[rank, np.arange(len(self.levels))]

    def critical(self, points: np.ndarray) -> np.ndarray:
        """Critical values (N, L) at points (N, 2)."""
        with torch.inference_mode():
            u = torch.from_numpy(self.to_square(points)).float()
            learned = self.scale * np.expm1(self._forward(u).double().numpy())
        return np.asarray(np.maximum.accumulate(self.factors * learned, axis=1))

    def inside(self, points: np.ndarray, statistic: np.ndarray, level: float) -> np.ndarray:
        """Which points (N,) the region holds, given the data's statistic (N,) at each."""
        return statistic <= self.critical(points)[:, self.levels.index(level)]

    def save(self, path: Path) -> None:
        """Write the network (``.npz``)."""
        state = {k: v.numpy() for k, v in self.network.state_dict().items()}
        save_arrays(
            path,
            scale=np.array(self.scale),
            levels=np.array(self.levels),
            factors=self.factors,
            **state,
        )

    def load(self, path: Path) -> None:
        """Read what `save` wrote, for the same settings.

        Raises:
            InputError: If the file is missing, damaged, or of other levels or settings.
        """
        try:
            kept = load_arrays(path)
            scale, levels = float(kept.pop("scale")), kept.pop("levels")
            factors = kept.pop("factors")
            self.network.load_state_dict({k: torch.from_numpy(v) for k, v in kept.items()})
        except (OSError, EOFError, KeyError, ValueError, RuntimeError, TypeError):
            raise InputError(f"{path}: is missing, damaged or of another belt") from None
        if not np.array_equal(levels, self.levels):
            raise InputError(f"{path}: holds a belt of other levels")
        self.scale, self.factors = scale, factors


def _checked(theta: np.ndarray, statistic: np.ndarray) -> np.ndarray:
    statistic = np.asarray(statistic, dtype=float)
    if not len(theta) or len(theta) != len(statistic) or not np.isfinite(statistic).all():
        raise InputError("belt: give one finite statistic for each point")
    return statistic


@dataclass(frozen=True)
class BeltCoverage:
    """How often the belt holds the truth.

    Attributes:
        levels: Confidence levels (L,).
        overall: Share of all truths inside (L,).
        cells: Share (X, Y, L) in cells of the plane.
        counts: Data sets (X, Y) of each cell.
        p_value: Smallest two-sided binomial p-value of a cell times the number of cells (L,).
    """

    levels: tuple[float, ...]
    overall: np.ndarray
    cells: np.ndarray
    counts: np.ndarray
    p_value: np.ndarray = field(repr=False)

    def describe(self) -> dict[str, object]:
        """As plain JSON types."""
        return {
            "levels": list(self.levels),
            "overall": self.overall.tolist(),
            "cells_lowest": self.cells.min(axis=(0, 1)).tolist(),
            "cells_highest": self.cells.max(axis=(0, 1)).tolist(),
            "cells_p_value": self.p_value.tolist(),
            "data_sets": int(self.counts.sum()),
            "cells": list(self.counts.shape),
        }


def belt_coverage(
    belt: QuantileBelt, theta: np.ndarray, statistic: np.ndarray, cells: tuple[int, int] = (5, 5)
) -> BeltCoverage:
    """Check a belt on simulations it has not seen.

    Args:
        belt: The belt.
        theta: Truths (N, 2).
        statistic: Statistic (N,) of each data set at its truth.
        cells: Cells of the plane, along each axis.
    """
    covered = statistic[:, None] <= belt.critical(theta)
    place = np.minimum((belt.to_square(theta) * cells).astype(int), np.array(cells) - 1)
    index = place[:, 0] * cells[1] + place[:, 1]
    counts = np.bincount(index, minlength=cells[0] * cells[1])
    levels = np.array(belt.levels)
    inside = np.stack(
        [np.bincount(index, covered[:, k], len(counts)) for k in range(len(levels))], axis=1
    )
    low = binom.cdf(inside, counts[:, None], levels)
    high = binom.sf(inside - 1, counts[:, None], levels)
    rarest = np.minimum(1.0, 2 * np.minimum(low, high)).min(axis=0)
    return BeltCoverage(
        belt.levels,
        covered.mean(axis=0),
        (inside / np.maximum(counts, 1)[:, None]).reshape(*cells, -1),
        counts.reshape(cells),
        np.minimum(1.0, rarest * len(counts)),
    )
