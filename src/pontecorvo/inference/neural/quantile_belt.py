"""Confidence belts without new toys: critical values learned by quantile regression.

The belt at level L needs, at every point theta, the L quantile of the test statistic
t(d, theta) = 2 [max ln r(d) - ln r(d, theta)] over data sets made at theta. From pairs (theta, t)
of one bank of simulations a network learns all of them at once: the mean pinball loss is smallest
at the quantile (Koenker & Bassett, Econometrica 46 (1978) 33; for critical values
arXiv:2107.03920). Whatever the statistic - exact, or an estimator's - the belt covers if the
quantiles are right; a wrong estimator only makes them wide. `coverage` checks the quantiles.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from scipy.stats import binom
from torch import Tensor, nn

from ...base.errors import InputError
from ...base.files import load_arrays, save_arrays
from ...base.seeds import stream
from .simulated import to_cube
from .small_training import train_small

LEVELS = (0.68, 0.90, 0.95)


@dataclass(frozen=True)
class BeltSettings:
    """Network and training: width, sines up to `frequencies` half waves, steps, batch, rate."""

    width: int = 64
    frequencies: tuple[int, int] = (4, 12)
    steps: int = 2500
    batch: int = 1024
    learning_rate: float = 3e-3
    seed: int = 0


class QuantileBelt:
    """Critical values at any point of the plane.

    Args:
        levels: Confidence levels (L,), ascending.
        settings: Network and training.
    """

    def __init__(
        self, levels: Sequence[float] = LEVELS, settings: BeltSettings | None = None
    ) -> None:
        self.levels = tuple(sorted(levels))
        if not self.levels or not all(0 < level < 1 for level in self.levels):
            raise InputError(f"belt levels {list(levels)}: give numbers between 0 and 1")
        self.settings = settings or BeltSettings()
        self.scale = 1.0
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.settings.seed)
            width, (few, many) = self.settings.width, self.settings.frequencies
            self.network = nn.Sequential(
                nn.Linear(2 * (1 + few + many), width), nn.SiLU(), nn.Linear(width, width),
                nn.SiLU(), nn.Linear(width, len(self.levels)),
            )  # fmt: skip

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
        statistic = np.asarray(statistic, dtype=float)
        if len(theta) != len(statistic) or not np.isfinite(statistic).all():
            raise InputError("belt: give one finite statistic for each point")
        self.scale = float(np.quantile(statistic, 0.9)) or 1.0
        s = self.settings
        u = torch.from_numpy(to_cube(theta)).float()
        t = torch.from_numpy(statistic / self.scale).float()
        levels = torch.tensor(self.levels)

        def loss(step: int) -> Tensor:
            rows = stream(s.seed, "belt", step).integers(0, len(u), s.batch)
            gap = t[rows, None] - self._forward(u[rows])
            return torch.maximum(levels * gap, (levels - 1) * gap).mean()

        return train_small(self.network, loss, s.steps, s.learning_rate)

    def critical(self, points: np.ndarray) -> np.ndarray:
        """Critical values (N, L) at points (N, 2)."""
        with torch.inference_mode():
            u = torch.from_numpy(to_cube(points)).float()
            return self.scale * self._forward(u).double().numpy()

    def inside(self, points: np.ndarray, statistic: np.ndarray, level: float) -> np.ndarray:
        """Which points (N,) the region holds, given the data's statistic (N,) at each."""
        return statistic <= self.critical(points)[:, self.levels.index(level)]

    def save(self, path: Path) -> None:
        """Write the network (``.npz``)."""
        state = {k: v.numpy() for k, v in self.network.state_dict().items()}
        save_arrays(path, scale=np.array(self.scale), levels=np.array(self.levels), **state)

    def load(self, path: Path) -> None:
        """Read what `save` wrote, for the same settings.

        Raises:
            InputError: If the file is missing, damaged, or of other levels or settings.
        """
        try:
            kept = load_arrays(path)
            scale, levels = float(kept.pop("scale")), kept.pop("levels")
            self.network.load_state_dict({k: torch.from_numpy(v) for k, v in kept.items()})
        except (OSError, EOFError, KeyError, ValueError, RuntimeError, TypeError):
            raise InputError(f"{path}: is missing, damaged or of another belt") from None
        if not np.array_equal(levels, self.levels):
            raise InputError(f"{path}: holds a belt of other levels")
        self.scale = scale


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


def coverage(
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
    place = np.minimum((to_cube(theta) * cells).astype(int), np.array(cells) - 1)
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
