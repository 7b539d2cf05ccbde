"""The solar bound on sin^2 2theta_14: two published limits turned into one Gaussian.

Limits at two confidence levels fix a parabola, chi2 = ((s22 - centre) / width)^2, that is 2.71 at
the 90 % limit and 6.63 at the 99 % limit. Its centre, -0.001, is zero within rounding. There is no
dependence on dm2: above 1e-2 eV^2 the oscillations are averaged out.
"""

import numpy as np
from scipy.special import erfinv

from ....base.errors import InputError
from ..declaration import Declaration
from ..experiment import Array, Block, Experiment, check_points, whole_amplitude
from ..experiment_registry import Setting
from ..shipped_tables import papers, shipped_table


class Solar(Experiment):
    """One measurement of s22 itself; see the module's docstring."""

    name = "solar"
    title = "Solar"
    licence = "facts from the cited papers"

    def __init__(self, setting: Setting | None = None) -> None:
        columns = ("confidence_level", "s22_upper")
        table = shipped_table("solar.csv", positive=columns)
        if len(table) != 2:
            raise InputError(f"{table.name}: holds {len(table)} limits; it must hold two")
        self.source = papers(table)
        sigmas = np.sqrt(2) * erfinv(table["confidence_level"])
        limits = table["s22_upper"]
        self.width = float((limits[1] - limits[0]) / (sigmas[1] - sigmas[0]))
        self.data = np.array([limits[0] - sigmas[0] * self.width])
        self._covariance = np.array([[self.width**2]])
        self.blocks = (Block("Solar", slice(0, 1), labels=("solar",), y=r"$\sin^2 2\theta_{14}$"),)
        self.notes = (f"s22 = {self.data[0]:.4f} +- {self.width:.4f}, from limits at two levels",)

    def predict(self, s22: Array, dm2: Array) -> Array:
        """s22 itself (N, 1); see `Experiment.predict`. Of two states, what both take from nu_e."""
        s22, _ = check_points(s22, dm2)
        return whole_amplitude(s22)[:, None]


EXPERIMENTS = (Declaration("solar", Solar.title, Solar, order=170, colour="#CC79A7"),)
