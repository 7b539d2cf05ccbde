"""Simulations for ratio networks: every data set with its own point and with strangers.

Strangers come from q(theta | d), half the prior and half the data's chart, whose density is known.
They depend on the data alone, not on its true point, so that the ratio of posterior to q is what a
classifier learns, and the posterior itself once ln q, in closed form, is added back (noise-
contrastive estimation, Gutmann & Hyvarinen, JMLR 13 (2012) 307). Strangers of the prior alone teach
nothing about the top of a narrow peak.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ....base.files import fingerprint
from ....base.seeds import stream
from .embedding import Embedding
from .plane_flows import LOG_AREA, inner
from .simulated import BLOCK, draw_active, from_cube, kept_blocks, simulate, to_cube

VERSION = 1


@dataclass(frozen=True)
class Placed:
    """Points under each of T data sets, as a ratio network sees them (float32).

    Attributes:
        u: In the prior's cube (T, N, 2).
        unit: In the chart of the data (T, N, 2).
        level: The closed-form map there (T, N).
        log_proposal: ln of q over the prior (T, N).
    """

    u: np.ndarray
    unit: np.ndarray
    level: np.ndarray
    log_proposal: np.ndarray


@dataclass(frozen=True)
class RatioBank:
    """N simulations: rows (N, C), and points (N, 1 + P) of which the first made the data."""

    rows: np.ndarray
    points: Placed


def place(embedding: Embedding, maps: np.ndarray, theta: np.ndarray) -> Placed:
    """Points (T, N, 2) of the plane under maps (T, G)."""
    charted = embedding.chart.to_unit(maps, theta)
    level = embedding.chart.values(maps, theta)
    return _placed(theta, charted.points, level, charted.log_density)


def _placed(theta: np.ndarray, unit: np.ndarray, level: np.ndarray, density: np.ndarray) -> Placed:
    proposal = np.log(0.5) + np.logaddexp(0.0, density + LOG_AREA)
    single = [array.astype(np.float32) for array in (to_cube(theta), unit, level, proposal)]
    return Placed(*single)


def make_ratio_bank(
    embedding: Embedding,
    n: int,
    seed: int,
    strangers: int = 8,
    path: Path | None = None,
    show: bool | None = None,
) -> RatioBank:
    """Simulate n data sets (rounded up to blocks) of any subset, each with strangers.

    Args:
        embedding: What the networks read.
        n: Number.
        seed: Seed.
        strangers: Strangers of each, an even number.
        path: Where to keep them; a file made by other settings is replaced.
        show: Progress bar or not.
    """
    mark = fingerprint([VERSION, n, seed, strangers, embedding.describe(), embedding.arrays()])

    def block(number: int) -> dict[str, np.ndarray]:
        rng = stream(seed, "ratio-bank", number)
        active = draw_active(embedding.maps.names, rng)
        theta, data = simulate(embedding.maps, BLOCK, rng)
        maps = embedding.maps(data, active)
        shape = (BLOCK, strangers // 2, 2)
        prior, unit = from_cube(rng.random(shape)), inner(rng.random(shape))
        near = embedding.chart.from_unit(maps, unit)
        points = np.concatenate([theta[:, None], prior, near.points], axis=1)
        own = place(embedding, maps, points)
        rows = embedding.rows(maps, near.numbers, active)
        return {"rows": rows, **vars(own)}

    arrays = kept_blocks(block, n, path, mark, "simulate for ratios", show)
    return RatioBank(arrays.pop("rows"), Placed(**arrays))
