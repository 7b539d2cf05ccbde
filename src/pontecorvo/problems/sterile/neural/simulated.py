"""Simulated data sets of any subset of experiments, and what the networks read of them.

Parameters are drawn from the prior, flat in log10 s22 and log10 dm2; pulls, energy scales and
statistics from their own distributions. A block depends on the seed and its number only.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ....base.files import fingerprint, kept_arrays, save_arrays
from ....base.parallel import collect, one_blas_thread
from ....base.progress import progress
from ....base.seeds import stream
from ..groups import fitted_sets
from .embedding import COMPONENTS, Embedding, thinned
from .ratio_maps import RatioMaps

LOW = np.array([-4.0, -2.0])
HIGH = np.array([0.0, 2.0])
BLOCK = 256
"""Data sets that share a subset of experiments."""
VERSION = 2


def to_cube(theta: np.ndarray) -> np.ndarray:
    """Points of the unit cube (N, 2) for log10 s22 and log10 dm2."""
    return (np.asarray(theta, dtype=float) - LOW) / (HIGH - LOW)


def from_cube(u: np.ndarray) -> np.ndarray:
    """log10 s22 and log10 dm2 (N, 2) for points of the unit cube."""
    return LOW + (HIGH - LOW) * np.asarray(u, dtype=float)


def draw_active(names: Sequence[str], rng: np.random.Generator) -> tuple[str, ...]:
    """Which experiments are on: all (2 in 5), a named set or one alone, or at random."""
    kind = rng.random()
    if kind < 0.4:
        return tuple(names)
    if kind < 0.7:
        named = [[n for n in members if n in names] for members in fitted_sets().values()]
        named = [members for members in named if members] + [[name] for name in names]
        return tuple(named[rng.integers(len(named))])
    chosen = rng.random(len(names)) < rng.random()
    chosen[rng.integers(len(names))] = True
    return tuple(name for name, on in zip(names, chosen, strict=True) if on)


@dataclass(frozen=True)
class Bank:
    """N simulations.

    Attributes:
        u: Their points in the prior's cube (N, 2).
        unit: The same in the chart of their data (N, 2).
        rows: What the networks are given of the data (N, C).
    """

    u: np.ndarray
    unit: np.ndarray
    rows: np.ndarray


def simulate(
    maps: RatioMaps, n: int, rng: np.random.Generator, theta: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Parameters (n, 2), from the prior unless given, and data (n, B) of every experiment."""
    if theta is None:
        theta = from_cube(rng.random((n, 2)))
    return theta, maps.joint.simulate(10.0 ** theta[:, 0], 10.0 ** theta[:, 1], rng)


def fit_embedding(
    maps: RatioMaps, n: int, seed: int, components: Sequence[int] = COMPONENTS
) -> Embedding:
    """The embedding for prior-drawn data sets and subsets (n of them)."""
    pieces = []
    with one_blas_thread():
        for block in range(-(-n // BLOCK)):
            rng = stream(seed, "embedding", block)
            active = draw_active(maps.names, rng)
            pieces.append(thinned(maps(simulate(maps, BLOCK, rng)[1], active), maps.plane))
        return Embedding.fit(maps, np.concatenate(pieces)[:n], components)


def kept_blocks(
    make: Callable[[int], dict[str, np.ndarray]],
    n: int,
    path: Path | None,
    mark: str,
    title: str,
    show: bool | None,
) -> dict[str, np.ndarray]:
    """Arrays of n simulations, rounded up to blocks, that ``make(block)`` gives; kept at `path`.

    A file that was made by other settings, which `mark` tells, is replaced.
    """
    kept = None if path is None else kept_arrays(path)
    if kept is not None and str(kept.get("mark")) == mark:
        return {name: array for name, array in kept.items() if name != "mark"}
    count = -(-n // BLOCK)
    # one thread a product: the last bits must not depend on how many cores there are
    with one_blas_thread(), progress(title, count, enabled=show) as advance:
        blocks = collect(make, range(count), advance)
    arrays = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    if path is not None:
        save_arrays(path, **arrays, mark=np.array(mark))
    return arrays


def make_bank(
    embedding: Embedding,
    n: int,
    seed: int,
    path: Path | None = None,
    subsets: bool = True,
    show: bool | None = None,
) -> Bank:
    """Simulate n data sets (rounded up to blocks) and embed them; kept at `path`.

    Args:
        embedding: What the networks read.
        n: Number.
        seed: Seed.
        path: Where to keep them; a file made by other settings is replaced.
        subsets: Switch subsets of experiments on, or always all.
        show: Progress bar or not.
    """
    mark = fingerprint([VERSION, n, seed, subsets, embedding.describe(), embedding.arrays()])
    names = embedding.maps.names

    def one(block: int) -> dict[str, np.ndarray]:
        rng = stream(seed, "bank", block)
        active = draw_active(names, rng) if subsets else names
        theta, data = simulate(embedding.maps, BLOCK, rng)
        maps = embedding.maps(data, active)
        charted = embedding.chart.to_unit(maps, theta[:, None])
        rows = embedding.rows(maps, charted.numbers, active)
        return {"u": to_cube(theta), "unit": charted.points[:, 0], "rows": rows}

    return Bank(**kept_blocks(one, n, path, mark, "simulate", show))
