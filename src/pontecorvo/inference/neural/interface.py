"""What every estimator of a posterior on the sterile plane can do, however it was trained."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from .embedding import Embedding
from .posterior import TITLES as FLOWS
from .posterior import NeuralDraws
from .ratio import TITLES as RATIOS
from .snpe_c import TITLE as SNPE_C
from .snpe_c import SnpeC

TITLES = {**FLOWS, **RATIOS, SnpeC.kind: SNPE_C}
"""Names for reports, by kind."""


class PlaneEstimator(Protocol):
    """FMPE and NPSE (`posterior`), NRE and DNRE (`ratio`), SNPE-C (`snpe_c`).

    ``nodes`` are those of the divergence's quadrature, for estimators that have one.
    """

    embedding: Embedding
    kind: str

    def draw(
        self,
        data: np.ndarray,
        n: int,
        seed: int = 0,
        active: Sequence[str] | None = None,
        nodes: int = ...,
    ) -> NeuralDraws:
        """n draws (n, 2) at one data set (B,), with their log-density."""

    def draw_sets(
        self,
        data: np.ndarray,
        n: int,
        seed: int = 0,
        active: Sequence[str] | None = None,
        nodes: int = ...,
    ) -> NeuralDraws:
        """n draws (T, n, 2) at each of T data sets (T, B), with their log-densities."""

    def density_of(
        self,
        points: np.ndarray,
        data: np.ndarray,
        active: Sequence[str] | None = None,
        nodes: int = ...,
    ) -> np.ndarray:
        """Log-density (T,) of point t of (T, 2) at data set t of (T, B)."""
