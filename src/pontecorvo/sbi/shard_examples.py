"""Training examples streamed from simulations on disk: as many as there are, in constant memory.

A flow's examples are pairs of a point of the prior's unit cube and what would be measured there.
Some blocks, chosen anew each epoch, are mapped and shuffled together; a step takes its rows from
them. So files are read in long stretches, and a batch depends on the seed and the step only.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from ..base.errors import InputError
from ..base.seeds import stream
from .simulated_shards import BLOCK, SimulatedShards

Noise = Callable[[np.ndarray, np.random.Generator], np.ndarray]
"""``noise(observables (n, K), rng) -> data (n, C)``."""
TOGETHER = 4
"""Blocks that are shuffled together."""


class ShardExamples:
    """`flows.batches.Examples` from `SimulatedShards`.

    Args:
        shards: The simulations.
        noise: What would be measured at observables; None: the observables themselves.
        seed: Seed of the order and of the noise.
        together: Blocks that are shuffled together; memory is theirs.
    """

    def __init__(
        self,
        shards: SimulatedShards,
        noise: Noise | None = None,
        seed: int = 0,
        together: int = TOGETHER,
    ) -> None:
        self.shards, self.noise, self.seed = shards, noise, seed
        self.together = min(together, shards.blocks)
        self._pool = lru_cache(maxsize=2)(self._read)

    def _read(self, epoch: int, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Some blocks of an epoch, shuffled: points (n, P) and observables (n, K)."""
        order = stream(self.seed, "blocks", epoch).permutation(self.shards.blocks)
        chosen = order[number * self.together : (number + 1) * self.together]
        theta = np.concatenate([self.shards.parameters(int(b)) for b in chosen])
        observables = np.concatenate([self.shards.observables(int(b)) for b in chosen])
        good = np.flatnonzero(np.isfinite(observables).all(axis=1))
        if not len(good):
            raise InputError(f"{self.shards.folder}: no simulation of blocks {chosen} has numbers")
        rows = good[stream(self.seed, "rows", epoch, number).permutation(len(good))]
        return self.shards.model.prior.to_unit_cube(theta[rows]), observables[rows]

    def batch(self, step: int, n: int) -> tuple[np.ndarray, np.ndarray]:
        """The examples of a step: points (n, P) of the cube and data (n, C)."""
        size = self.together * BLOCK
        pools = -(-self.shards.blocks // self.together)
        position = np.arange(step * n, (step + 1) * n)
        parts = []
        for pool in np.unique(position // size):
            u, observables = self._pool(*(int(x) for x in divmod(pool, pools)))
            at = (position[position // size == pool] - pool * size) % len(u)
            parts.append((u[at], observables[at]))
        u = np.concatenate([part for part, _ in parts])
        return u, self._measured(np.concatenate([part for _, part in parts]), "noise", step)

    def _measured(self, observables: np.ndarray, *names: str | int) -> np.ndarray:
        if self.noise is None:
            return observables
        return np.asarray(self.noise(observables, stream(self.seed, *names)), dtype=float)

    def sample(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Examples from which scales and ranges are read."""
        u, observables = self._pool(0, 0)
        return u[:n], self._measured(observables[:n], "sample")

    def describe(self) -> dict[str, Any]:
        """Number of simulations and the hashes of their files."""
        files = [entry["files"]["observables"]["sha256"] for entry in self.shards.entries]
        return {
            "kind": "shards",
            "examples": len(self.shards),
            "sha256": files,
            "seed": self.seed,
            "together": self.together,
        }
