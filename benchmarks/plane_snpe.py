"""SNPE-C on the plane: amortised in the chart of the data, or in rounds in the prior's cube.

A chart belongs to one data set, so that a proposal at the measured data is, in the charts of the
data simulated from it, another density for each of them, which the atomic loss does not know:
rounds do without.
"""

from collections.abc import Sequence

import numpy as np

from pontecorvo.base.errors import InputError
from pontecorvo.problems.sterile.neural.embedding import Embedding, Reading
from pontecorvo.problems.sterile.neural.interface import NeuralDraws, PlaneEstimator
from pontecorvo.problems.sterile.neural.map_candidates import candidates
from pontecorvo.problems.sterile.neural.plane_flows import LOG_AREA, inner
from pontecorvo.problems.sterile.neural.simulated import Bank, from_cube, simulate, to_cube
from pontecorvo.sbi.snpe_c import SnpeC, SnpeSettings

TITLE = "SNPE-C (sbi)"


class PlaneSnpe(PlaneEstimator):
    """A posterior of SNPE-C on the plane.

    Attributes:
        kind: ``snpe-c``.

    Args:
        embedding: What it reads of the data.
        settings: How it is trained.
        seed: Seed of weights and order.
        charted: Whether it works in the chart of the data, or in the prior's cube.

    Raises:
        InputError: If the package `sbi` is not installed.
    """

    kind = "snpe-c"

    def __init__(
        self,
        embedding: Embedding,
        settings: SnpeSettings | None = None,
        seed: int = 0,
        charted: bool = True,
    ) -> None:
        self.embedding, self.charted = embedding, charted
        self._density = SnpeC(2, settings, seed)

    def fit(self, bank: Bank) -> None:
        """Train on simulations from the prior."""
        self._density.fit(inner(bank.unit if self.charted else bank.u), bank.rows)

    def rounds(
        self,
        data: np.ndarray,
        simulations: int,
        rounds: int,
        active: Sequence[str] | None = None,
    ) -> None:
        """Train for one data set (B,) in rounds of simulations from the last posterior.

        Raises:
            InputError: If it works in the chart.
        """
        if self.charted:
            raise InputError("SNPE-C in rounds: works in the prior's cube; give charted=False")
        maps, embedding = self.embedding.maps, self.embedding
        active = maps.check(maps.names if active is None else active)

        def simulator(u: np.ndarray, rng: np.random.Generator) -> np.ndarray:
            return embedding(simulate(maps, len(u), rng, from_cube(u))[1], active).rows

        observed = embedding(data, active).rows[0]
        self._density.rounds(simulator, observed, simulations, rounds)

    def draw_read(self, known: Reading, n: int, seed: int = 0, nodes: int = 0) -> NeuralDraws:
        """n draws (T, n, 2) at each of T data sets that were read before."""
        unit, own = self._density.sample(known.rows, n, seed)
        if not self.charted:
            return NeuralDraws(from_cube(unit), own - LOG_AREA)
        charted = self.embedding.chart.from_unit(known.maps, unit)
        return NeuralDraws(charted.points, own + charted.log_density)

    def density_read(self, points: np.ndarray, known: Reading, nodes: int = 0) -> np.ndarray:
        """Log-density (T, N) of points (T, N, 2) at T data sets, leakage divided out."""
        share = self._density.share_inside(known.rows)
        every = [
            self.log_density(points[t], known.part(slice(t, t + 1))) for t in range(len(known))
        ]
        return np.array(every) - np.log(share)[:, None]

    def log_density(self, points: np.ndarray, known: Reading) -> np.ndarray:
        """Log-density (N,) at points (N, 2) and one data set, leakage not divided out."""
        place, more = to_cube(points), np.full(len(points), -LOG_AREA)
        if self.charted:
            charted = self.embedding.chart.to_unit(known.maps, points[None])
            place, more = charted.points[0], charted.log_density[0]
        return self._density.log_density(inner(place), known.rows[0]) + more

    def best(self, known: Reading, keep: int = 64) -> tuple[np.ndarray, float]:
        """MAP (2,) of one data set with its log-density: the best of its highest candidates."""
        points, _ = candidates(self.embedding, known.maps, keep)
        density = self.log_density(points[0], known)
        top = int(density.argmax())
        return points[0, top], float(density[top])
