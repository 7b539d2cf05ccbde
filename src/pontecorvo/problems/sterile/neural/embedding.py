"""What a network reads of a data set: its likelihood-ratio map, pressed into a few numbers.

An embedding network per experiment would have to learn what is known in closed form: the map of
each experiment on the plane, and that maps add. So each experiment's embedding is its map
(`ratio_maps`), the embeddings of the active experiments are summed, and what the network learns is
the way from there to a posterior density. Of the summed map l it is given

* where its peak lies, however narrow, how wide and how high it is (`chart.NUMBERS`);
* principal components of exp(l - max) and of exp((l - max) / 8) on every third splitting, the shape
  near the top and around;
* means, spreads and correlation of both coordinates under exp(beta (l - max)) for a few beta;
* which experiments are active.

The map itself goes along (`Reading`): it is the chart in which the networks work.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ....base.errors import InputError, suggest
from ....frequentist.plane import Axis, Plane
from .plane_chart import NUMBERS, PlaneChart
from .ratio_maps import RatioMaps

TEMPERATURES = (1.0, 8.0)
BETAS = (1 / 4, 1 / 16, 1 / 64)
COMPONENTS = (48, 32)
EVERY = 3
"""The principal components see every third splitting of a map."""
MOMENTS = ("mean_x", "mean_y", "log_sd_x", "log_sd_y", "correlation")


def cell_weights(plane: Plane) -> np.ndarray:
    """Trapezoid weights (G,) of the plane's points, sum one."""

    def along(values: np.ndarray) -> np.ndarray:
        gaps = np.diff(values)
        return (np.append(gaps, 0.0) + np.append(0.0, gaps)) / 2

    weights = np.outer(along(plane.x.values), along(plane.y.values)).ravel()
    return weights / weights.sum()


@dataclass(frozen=True)
class Reading:
    """What is known of T data sets.

    Attributes:
        rows: What the networks are given (T, C), float32.
        maps: The log-likelihood-ratio maps (T, G), float32.
    """

    rows: np.ndarray
    maps: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    def part(self, which: slice | np.ndarray) -> "Reading":
        """Some of the data sets."""
        return Reading(self.rows[which], self.maps[which])


@dataclass(frozen=True)
class Embedding:
    """From data sets to condition rows.

    Attributes:
        maps: The likelihood-ratio maps of the experiments at hand.
        known: Every experiment that the network has seen, those of `maps` among them.
        means: Mean (S,) of each tempered map over simulations, on the coarser plane.
        bases: Principal directions (S, K) of each, scaled to components of unit variance.
    """

    maps: RatioMaps
    known: tuple[str, ...]
    means: tuple[np.ndarray, ...]
    bases: tuple[np.ndarray, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names (C,) of the numbers."""
        parts: list[str] = []
        for temperature, basis in zip(TEMPERATURES, self.bases, strict=True):
            parts += [f"map{temperature:g}_{k}" for k in range(basis.shape[1])]
        for beta in BETAS:
            parts += [f"{name}_{beta:g}" for name in MOMENTS]
        return (*parts, *NUMBERS, *(f"has_{name}" for name in self.known))

    @cached_property
    def chart(self) -> PlaneChart:
        """The charts of the maps."""
        return PlaneChart(self.maps.plane)

    def __call__(self, data: np.ndarray, active: Sequence[str]) -> Reading:
        """What is known of data sets (T, B) with some experiments switched on.

        Raises:
            InputError: If data are of another length, or an experiment is unknown.
        """
        active = self.maps.check(active)
        maps = self.maps(data, active)
        if not np.isfinite(maps).all():
            raise InputError("data: hold values that are not finite numbers")
        return Reading(self.rows(maps, self.chart.numbers(maps), active), maps)

    def rows(self, maps: np.ndarray, numbers: np.ndarray, active: Sequence[str]) -> np.ndarray:
        """Rows (T, C) of maps (T, G) and their charts' numbers (T, 7)."""
        plane = coarser(self.maps.plane)
        below = lowered(thinned(maps, self.maps.plane))
        pieces = [
            (tempered(below, temperature) - mean) @ basis
            for temperature, mean, basis in zip(TEMPERATURES, self.means, self.bases, strict=True)
        ]
        pieces.append(moments(below, plane))
        told = numbers.copy()
        told[:, -2:] = np.arcsinh(told[:, -2:])
        pieces.append(told)
        flags = np.array([float(name in active) for name in self.known])
        pieces.append(np.broadcast_to(flags, (len(maps), len(flags))))
        return np.hstack([piece.astype(np.float32) for piece in pieces])

    @classmethod
    def fit(
        cls, maps: RatioMaps, examples: np.ndarray, components: Sequence[int] = COMPONENTS
    ) -> "Embedding":
        """Find the principal directions on maps (T, G) of simulated data.

        Args:
            maps: The maps' maker.
            examples: Maps (T, S) of simulations, of every kind that is to be seen, `thinned`.
            components: How many of each temperature.
        """
        below = lowered(examples)
        means, bases = [], []
        for temperature, count in zip(TEMPERATURES, components, strict=True):
            values = tempered(below, temperature).astype(np.float64)
            mean = values.mean(axis=0)
            values -= mean
            chosen = slice(-1, -count - 1, -1)
            if len(values) < values.shape[1]:  # fewer maps than points: the smaller matrix
                spread, vectors = np.linalg.eigh(values @ values.T / len(values))
                root = np.sqrt(np.maximum(spread[chosen], 1e-12))
                vectors = values.T @ vectors[:, chosen] / (root**2 * np.sqrt(len(values)))
            else:
                spread, vectors = np.linalg.eigh(values.T @ values / len(values))
                vectors = vectors[:, chosen] / np.sqrt(np.maximum(spread[chosen], 1e-12))
            # the sign of an eigenvector is free: fix it, so that the same data give the same basis
            vectors *= np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(count)])
            means.append(mean.astype(np.float32))
            bases.append(vectors.astype(np.float32))
        return cls(maps, maps.names, tuple(means), tuple(bases))

    def arrays(self) -> dict[str, np.ndarray]:
        """What has to be kept."""
        kept = {f"mean_{i}": value for i, value in enumerate(self.means)}
        return kept | {f"basis_{i}": value for i, value in enumerate(self.bases)}

    @classmethod
    def from_arrays(
        cls, maps: RatioMaps, known: Sequence[str], kept: dict[str, np.ndarray]
    ) -> "Embedding":
        """From what `arrays` gave, and the experiments it was made for.

        Raises:
            InputError: If arrays are missing or do not fit the plane.
        """
        size, count = coarser(maps.plane).size, len(TEMPERATURES)
        try:
            means = tuple(np.asarray(kept[f"mean_{i}"], np.float32) for i in range(count))
            bases = tuple(np.asarray(kept[f"basis_{i}"], np.float32) for i in range(count))
        except KeyError as error:
            raise InputError(f"embedding: {error} is missing; train the network again") from None
        good = all(m.shape == (size,) for m in means) and all(b.shape[0] == size for b in bases)
        if not good:
            raise InputError("embedding: made for another plane; train the network again")
        for name in maps.names:
            if name not in known:
                raise InputError(
                    f"experiment {name!r} is unknown to this network; {suggest(name, list(known))}"
                )
        return cls(maps, tuple(known), means, bases)

    def describe(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            "experiments": list(self.known),
            "plane": {
                "x": self.maps.plane.x.values.tolist(),
                "y": self.maps.plane.y.values.tolist(),
            },
            "temperatures": list(TEMPERATURES),
            "betas": list(BETAS),
            "components": [basis.shape[1] for basis in self.bases],
            "numbers": len(self.names),
        }


def coarser(plane: Plane) -> Plane:
    """The plane with every third splitting."""
    return Plane(plane.x, Axis(plane.y.name, plane.y.values[::EVERY], plane.y.latex))


def thinned(maps: np.ndarray, plane: Plane) -> np.ndarray:
    """Maps (T, S) on the coarser plane."""
    return maps.reshape(len(maps), *plane.shape)[:, :, ::EVERY].reshape(len(maps), -1)


def lowered(maps: np.ndarray) -> np.ndarray:
    """Maps (T, S) below their top; no oscillation, at zero, counts as a point."""
    height = np.maximum(maps.max(axis=1), 0.0)
    return np.maximum(maps - height[:, None], -2000.0)


def tempered(below: np.ndarray, temperature: float) -> np.ndarray:
    """exp(below / temperature), single precision."""
    return np.exp(below / np.float32(temperature))


def moments(below: np.ndarray, plane: Plane) -> np.ndarray:
    """Mean, log spread and correlation of both coordinates under exp(beta l), (T, 5 betas)."""
    x, y = plane.points.T
    columns = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=1)
    columns = (columns * cell_weights(plane)[:, None]).astype(np.float64)
    result = []
    for beta in BETAS:
        sums = np.exp(below * np.float32(beta)).astype(np.float64) @ columns
        sums[:, 1:] /= np.maximum(sums[:, :1], 1e-300)
        mean_x, mean_y = sums[:, 1], sums[:, 2]
        var_x = np.maximum(sums[:, 3] - mean_x**2, 1e-6)
        var_y = np.maximum(sums[:, 4] - mean_y**2, 1e-6)
        both = (sums[:, 5] - mean_x * mean_y) / np.sqrt(var_x * var_y)
        result += [mean_x, mean_y, 0.5 * np.log(var_x), 0.5 * np.log(var_y), np.clip(both, -1, 1)]
    return np.stack(result, axis=1)
