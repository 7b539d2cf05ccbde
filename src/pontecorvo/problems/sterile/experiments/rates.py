"""Integrated reactor antineutrino rates: 21 at short and 3 at medium baselines.

Recipe of Berryman & Huber, arXiv:2005.01756: rates measured over expected, one covariance of the
experiments, and the normalisations of the four isotopes as pulls that all reactor rates and fuel
evolutions share:

    chi2 = (R - sum_i x_i f_i N_i / N)^T W (same) + (x - 1)^T [V^-1 / (s_i s_j)] (x - 1).
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from ....base.tables import Table
from ....physics.oscillation import Baselines, ThreeFlavour
from ....physics.reactor import ISOTOPES
from ..declaration import Declaration
from ..experiment import FLUXES, Array, Block, Experiment, check_points
from ..experiment_registry import Setting
from ..flux_models import measured_ratios
from ..flux_origin import OWN_FLUX, flux_origin
from ..isotopes import averaged_sin2, fuel_shares, isotope_rates, isotope_survival, resolved
from ..reactor_tables import (
    AVERAGING,
    PHASE,
    REFERENCE,
    flux,
    flux_pull_effect,
    flux_pull_names,
    reactor_covariance,
    reference_of,
)
from ..shipped_tables import shipped_table
from ..spectrum import WIDTH, Sampling, factors
from ..templates import FINE_STEP, Templates, dm2_axis, tabulate
from ..wave_packet_option import WAVE_PACKET, packet_width

FRACTIONS = tuple(f"f_{isotope}" for isotope in ISOTOPES)
# sigma = b sqrt(E) + c in GeV, by the start of the name; the rest has b = 0.00632
RESOLUTION = {
    "Bugey": (0.0, 0.0019, 0.0),
    "Rovno91": (0.0, 0.0019, 0.0),
    "Gosgen": (0.0, 0.00569, 0.0),
    "ILL": (0.0, 0.00569, 0.0),
    "DoubleChooz": (0.0, 0.00253, 0.0),
    "Chooz": (0.0, 0.0, 0.0005),
}
DEFAULT_RESOLUTION = (0.0, 0.00632, 0.0)
# relative exposure of the nearer and the farther reactor
EXPOSURE = {"PaloVerde": (372.604, 705.958), "Chooz": (8556.5, 12715.5)}
MEDIUM = 200.0
"""Distance [m] beyond which the active neutrinos' oscillation counts."""


class ReactorRates(Experiment):
    """Rates over expectation, linear in the isotopes, with shared flux pulls.

    Subclasses call `finish` with their covariance, data and isotopes' templates.
    """

    licence = "figures from the papers, compiled by Berryman & Huber"

    def finish(self, model: str, covariance: Array, survival: Templates, shares: Array) -> None:
        """Set what all rates have in common.

        Args:
            model: Flux model.
            covariance: (B, B).
            survival: Templates of rate over rate without oscillation, columns isotope-major.
            shares: Share (B, 4) of each isotope in the rate without oscillation.
        """
        self.flux_model = model
        self.nuisances = flux_pull_names(model)
        self._covariance, self._templates, self._shares = covariance, survival, shares
        self._effect = flux_pull_effect(model)
        self._origin = flux_origin(model)
        if self._origin is not None:
            self.notes = (*self.notes, OWN_FLUX)

    def by_isotope(self, s22: Array, dm2: Array) -> Array:
        """Contribution (N, B, 4) of each isotope to rate over expectation."""
        s22, dm2 = check_points(s22, dm2)
        survival = self._templates(factors(s22), dm2).reshape(len(s22), 4, self.size)
        if self._origin is not None:
            survival /= self._origin(factors(s22), dm2)[:, :, None]
        return np.swapaxes(survival, 1, 2) * self._shares

    def predict(self, s22: Array, dm2: Array) -> Array:
        """Rates over expectation (N, B)."""
        return self.by_isotope(s22, dm2).sum(axis=2)

    def response(self, s22: Array, dm2: Array) -> Array:
        """Effect (N, B, 4) of the four independent combinations of isotope normalisations."""
        return self.by_isotope(s22, dm2) @ self._effect


@dataclass(frozen=True)
class RateChoice:
    """Options of the integrated rates.

    Attributes:
        averaging: Whether energies are resolved or those of the compilation.
        reference: What the rates are ratios to.
        phase: Whether phases are the true ones.
        packets: Width of wave packets [nm]; None for plane waves.
    """

    averaging: str
    reference: str
    phase: str
    packets: float | None = None


class IntegratedRates(ReactorRates):
    """The rates of the table that lie in a range of distance."""

    source = "24 rates compiled in arXiv:2005.01756, which names the experiments' papers"

    def __init__(self, name: str, title: str, medium: bool, setting: Setting) -> None:
        model = setting.flux
        self.name, self.title = name, f"{title}, {FLUXES[model]}"
        chosen = RateChoice(
            setting.choice("averaging", name),
            setting.choice("reference", name) if medium else "no-oscillation",
            setting.choice("phase", name) if medium else "true",
            packet_width(setting, name),
        )
        table = shipped_table(
            "rates.csv",
            positive=("baseline_m", "baseline2_m", "half_width_m", "r_hm"),
            not_negative=FRACTIONS,
        )
        rows = np.flatnonzero((table["baseline_m"] > MEDIUM) == medium)
        self.data = measured_ratios(table, model)[rows]
        names = tuple(str(label) for label in table["name"][rows])
        self.blocks = (
            Block(title, slice(0, len(rows)), labels=names, y="measured / predicted rate"),
        )
        covariance = reactor_covariance("rates_covariance.csv", len(table))[np.ix_(rows, rows)]
        axis = dm2_axis(step=FINE_STEP)
        resolution = list(RESOLUTION.items())
        key = [table.columns, model, repr(ThreeFlavour()), resolution, repr(chosen), WIDTH]

        def kept(axis: Array, difference: bool) -> dict[str, Array]:
            compute = partial(self._compute, table, rows, model, axis, chosen, difference)
            return tabulate(name, [*key, axis, difference], compute)

        tables = kept(axis, False)
        survival = Templates(
            axis, tables["survival"], lambda axis: kept(axis, True)["survival"][:, 2]
        )
        self.finish(model, covariance, survival, tables["shares"])

    @staticmethod
    def _compute(
        table: Table,
        rows: Array,
        model: str,
        axis: Array,
        chosen: "RateChoice",
        difference: bool,
    ) -> dict[str, Array]:
        fractions = table.matrix(FRACTIONS)
        survival = np.empty((len(axis), 3, 4, len(rows)))
        shares = np.empty((len(rows), 4))
        for column, row in enumerate(rows):
            name = str(table["name"][row])
            sampling = Sampling(201, 1.8, 8.0, 1, 1.8, 8.0, _resolution(name)).with_packets(
                chosen.packets
            )
            baselines = _baselines(table, row)
            three = ThreeFlavour() if baselines.lengths[0] > MEDIUM else None
            sin2 = baselines.sin2 if three is None else averaged_sin2(baselines, chosen.phase)
            sin2, finer = resolved(sin2, sampling, max(baselines.lengths), chosen.averaging)
            reference = reference_of(chosen.reference, str(table["reference"][row]))
            survival[..., column] = isotope_survival(
                model, finer, sin2, axis, three, reference, difference
            )
            rates = isotope_rates(flux(model), sampling)
            shares[column] = fuel_shares(fractions[row][None], rates)[0]
        return {"survival": survival.reshape(len(axis), 3, -1), "shares": shares}


def _resolution(name: str) -> tuple[float, float, float]:
    found = (value for key, value in RESOLUTION.items() if name.startswith(key))
    return next(found, DEFAULT_RESOLUTION)


def _baselines(table: Table, row: int) -> Baselines:
    first, second = float(table["baseline_m"][row]), float(table["baseline2_m"][row])
    half_width = float(table["half_width_m"][row])
    if first == second:
        return Baselines((first,), (1.0,), half_width)
    exposure = EXPOSURE.get(str(table["name"][row]), (1.0, 1.0))
    return Baselines.of_power((first, second), exposure, half_width)


EXPERIMENTS = tuple(
    Declaration(
        name,
        title,
        partial(IntegratedRates, name, title, medium),
        order=order,
        groups=("rates", "reactor-rates", "reactors"),
        options={"averaging": AVERAGING, "wave_packet": WAVE_PACKET}
        | ({"reference": REFERENCE, "phase": PHASE} if medium else {}),
    )
    for order, name, title, medium in (
        (10, "rates-sbl", "Short-baseline rates", False),
        (20, "rates-mbl", "Medium-baseline rates", True),  # Palo Verde, Double Chooz and Chooz
    )
)
