"""What every estimator of a posterior on the sterile plane can do, however it was trained."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .embedding import Embedding, Reading


@dataclass(frozen=True)
class NeuralDraws:
    """Draws at one data set, or at T of them (with T in front of every shape).

    Attributes:
        points: (N, 2) in log10 s22 and log10 dm2, as the network gave them.
        log_density: Their log-density (N,) in these coordinates.
    """

    points: np.ndarray
    log_density: np.ndarray


class PlaneEstimator(ABC):
    """FMPE and NPSE (`plane_flows`), NRE and DNRE (`ratio`).

    `nodes` are those of the density's quadrature, where an estimator has one.

    Attributes:
        embedding: What it reads of the data.
        kind: ``fmpe``, ``npse``, ``nre`` or ``dnre``.
    """

    embedding: Embedding
    kind: str

    def read(self, data: np.ndarray, active: Sequence[str] | None = None) -> Reading:
        """What is known of data sets (T, B); all experiments are on by default."""
        return self.embedding(data, self.embedding.maps.names if active is None else active)

    def draw(
        self,
        data: np.ndarray,
        n: int,
        seed: int = 0,
        active: Sequence[str] | None = None,
        nodes: int = 12,
    ) -> NeuralDraws:
        """n draws (n, 2) at one data set (B,), with their log-density."""
        every = self.draw_read(self.read(data, active), n, seed, nodes)
        return NeuralDraws(every.points[0], every.log_density[0])

    @abstractmethod
    def draw_read(self, known: Reading, n: int, seed: int = 0, nodes: int = 12) -> NeuralDraws:
        """n draws (T, n, 2) at each of T data sets that were read before."""

    @abstractmethod
    def density_read(self, points: np.ndarray, known: Reading, nodes: int = 12) -> np.ndarray:
        """Log-density (T, N) of points (T, N, 2) at T data sets; -inf outside the prior."""

    def density_of(
        self,
        points: np.ndarray,
        data: np.ndarray,
        active: Sequence[str] | None = None,
        nodes: int = 12,
    ) -> np.ndarray:
        """Log-density (T,) of point t of (T, 2) at data set t of (T, B); -inf off the prior."""
        return self.density_read(points[:, None], self.read(data, active), nodes)[:, 0]
