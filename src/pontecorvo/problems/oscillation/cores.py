"""The reactor cores that JUNO sees: how far they are, and what share of the flux is theirs."""

from dataclasses import dataclass

import numpy as np

from .juno_tables import table

Array = np.ndarray
NODES = 4
"""Distances that stand for the eight near cores."""


@dataclass(frozen=True)
class Cores:
    """Distances [m] and shares of the flux without oscillation, each (R,)."""

    lengths: Array
    shares: Array

    def merged(self, nearer: float = 1e5, nodes: int = NODES) -> "Cores":
        """The same with few nodes for the cores nearer than some distance [m].

        The nodes are Gauss' for the discrete measure of these cores (Golub & Welsch, Math. Comp.
        23 (1969) 221): polynomials of the distance up to degree 2 nodes - 1 keep their average.
        The cores lie within 0.4 km of each other, so sin^2 keeps it to 1e-6 too.
        """
        near = self.lengths < nearer
        if near.sum() <= nodes:
            return self
        x, weight = self.lengths[near], self.shares[near]
        centre, half = 0.5 * (x.max() + x.min()), 0.5 * (x.max() - x.min())
        # orthonormal polynomials on the cores themselves (Stieltjes), then the Jacobi matrix
        t, total = (x - centre) / half, weight.sum()
        before, now = np.zeros_like(t), np.ones_like(t) / np.sqrt(total)
        diagonal, side = np.zeros(nodes), np.zeros(nodes)
        for k in range(nodes):
            diagonal[k] = (weight * t * now**2).sum()
            after = (t - diagonal[k]) * now - (side[k - 1] * before if k else 0.0)
            side[k] = np.sqrt((weight * after**2).sum())
            before, now = now, after / side[k]
        jacobi = np.diag(diagonal) + np.diag(side[:-1], 1) + np.diag(side[:-1], -1)
        values, vectors = np.linalg.eigh(jacobi)
        return Cores(
            np.append(centre + half * values, self.lengths[~near]),
            np.append(total * vectors[0] ** 2, self.shares[~near]),
        )


def reactor_cores(daya_bay: bool = True, huizhou: float = 0.0) -> Cores:
    """The cores that make the signal; see the head of cores.csv."""
    cores = table("juno/cores.csv", required=("power",), positive=("length",))
    power, names = cores["power"].copy(), cores["core"]
    power[names == "Huizhou"] = huizhou
    if not daya_bay:
        power[names == "Daya Bay"] = 0.0
    weight = power / cores["length"] ** 2
    on = weight > 0
    return Cores(1e3 * cores["length"][on], weight[on] / weight.sum())
