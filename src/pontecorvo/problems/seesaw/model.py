"""The type-I seesaw: 18 Yukawa components, three heavy masses, two of their phases.

m_nu = v^2 Y M^-1 Y^T with charged leptons diagonal (P. Minkowski, Phys. Lett. B 67 (1977) 421;
arXiv:2503.21432, sec. 2). Two of the heavy masses are complex and the third is real, as in
arXiv:2503.21432; which one is real is assumed here (M_3), and physically irrelevant.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ...base.errors import InputError, suggest
from ...core.chart import Chart
from ...core.measurement import Measurement
from ...core.model import Model, Symmetry
from ...core.prior import Marginal, Prior, SignedLogUniform, Uniform
from ...core.quantity import Quantity
from ...physics.masses import lepton_predictions
from ...physics.pmns import majorana_invariants
from ..flavour.measurements.quantities import declared
from ..flavour.nufit import ABS_U, LABELS, OSCILLATION, Ordering, abs_u_name, founding_paper_box
from .casas_ibarra_chart import CasasIbarraChart
from .casas_ibarra_folding import FoldedChart
from .fast_map import labels_from_theta, light_neutrinos_from_theta, observables_from_theta, unpack

if TYPE_CHECKING:
    from ..flavour.predictions.plugin import FlavourDraws

SIX = (*OSCILLATION, "delta_cp")
"""Observables whose derivatives have a formula (`jacobian.ROWS`)."""
FLAVORS = ("e", "mu", "tau")
_TEX = {"e": "e", "mu": r"\mu", "tau": r"\tau"}

PREDICTIONS = (
    Quantity("sin2_theta12", r"\sin^2\theta_{12}"),
    Quantity("sin2_theta13", r"\sin^2\theta_{13}"),
    Quantity("sin2_theta23", r"\sin^2\theta_{23}"),
    Quantity("dm2_21", r"\Delta m^2_{21}", "eV^2"),
    Quantity("dm2_3l", r"\Delta m^2_{3\ell}", "eV^2", "dm2_31 for NO, dm2_32 for IO"),
    Quantity("delta_cp", r"\delta_{CP}", "rad"),
    Quantity("alpha21", r"\alpha_{21}", "rad"),
    Quantity("alpha31", r"\alpha_{31}", "rad"),
    Quantity("J", "J", "", "Jarlskog invariant"),
    Quantity("I1", "I_1", "", "Majorana invariant Im(Ue1* Ue2)"),
    Quantity("I2", "I_2", "", "Majorana invariant Im(Ue1* Ue3)"),
    Quantity("m1", "m_1", "eV"),
    Quantity("m2", "m_2", "eV"),
    Quantity("m3", "m_3", "eV"),
    Quantity("sum_m", r"\Sigma m_\nu", "eV"),
    Quantity("m_ee", r"m_{ee}", "eV", "neutrinoless double beta decay"),
    Quantity("m_beta", r"m_\beta", "eV", "beta decay"),
)
_EXTRA = (
    Quantity("dm2_31", r"\Delta m^2_{31}", "eV^2"),
    *(
        Quantity(abs_u_name(flavor, mass), f"|U_{{{_TEX[flavor]} {mass}}}|")
        for flavor in FLAVORS
        for mass in (1, 2, 3)
    ),
)
OBSERVABLES = {quantity.name: quantity for quantity in (*PREDICTIONS, *_EXTRA)}


def observables_of(ordering: Ordering) -> dict[str, Quantity]:
    """What may be measured, by name, with the sign and the size that it can have."""
    known = declared(ordering)
    return {
        name: replace(
            q,
            sign=known[name].sign,
            typical=known[name].typical,
            description=known[name].description or q.description,
        )
        if name in known
        else q
        for name, q in OBSERVABLES.items()
    }


@dataclass(frozen=True)
class SeesawPrior:
    """Settings of the seesaw's prior.

    Attributes:
        yukawa: ``"uniform"`` in [-yukawa_max, yukawa_max] for each real and imaginary part, or
            ``"log-uniform"`` in its magnitude between yukawa_min and yukawa_max, either sign.
        yukawa_max: Largest abs of a real or imaginary part. The founding paper states a uniform
            prior; its range, 1, is assumed (it reproduces the paper's hierarchy digits).
        yukawa_min: Smallest one, for ``"log-uniform"`` only.
        log10_M_min: Lower end of log10(abs(M)/GeV), log-uniform and ordered (range assumed).
        log10_M_max: Upper end.
    """

    yukawa: Literal["uniform", "log-uniform"] = "uniform"
    yukawa_max: float = 1.0
    yukawa_min: float = 1e-3
    log10_M_min: float = 12.0
    log10_M_max: float = 17.0

    def build(self) -> Prior:
        """The prior as densities, in the order of the parameters."""
        if not 0 < self.yukawa_max < np.inf:
            raise InputError(f"prior yukawa_max: {self.yukawa_max}; it must be positive and finite")
        component: Marginal
        if self.yukawa == "uniform":
            component = Uniform(-self.yukawa_max, self.yukawa_max)
        elif self.yukawa == "log-uniform":
            component = SignedLogUniform(self.yukawa_min, self.yukawa_max)
        else:
            raise InputError(
                f"prior yukawa: {self.yukawa!r}; {suggest(self.yukawa, ['uniform', 'log-uniform'])}"
            )
        mass = Uniform(self.log10_M_min, self.log10_M_max)
        phase = Uniform(0.0, 2 * np.pi, periodic=True)
        return Prior([component] * 18 + [mass] * 3 + [phase] * 2, ordered=[(18, 19, 20)])


class Seesaw(Model):
    """The type-I seesaw as a model: theta (N, 23) to oscillation observables.

    The columns of theta are Re Y (9, row-major in flavor and heavy), Im Y (9), log10(abs(M)/GeV)
    (3, ascending), and the phases of M_1 and M_2 (rad).

    Args:
        ordering: ``"no"`` (normal, m1 < m2 < m3) or ``"io"`` (inverted, m3 < m1 < m2).
        prior: The prior's settings.
        vev: Vacuum expectation value <H> in GeV, m_nu = vev^2 Y M^-1 Y^T (174.1 is assumed).
        observables: Names of what is measured, any of `OBSERVABLES`; the five of oscillations
            unless said otherwise.
    """

    def __init__(
        self,
        ordering: Ordering = "no",
        prior: SeesawPrior | None = None,
        vev: float = 174.1,
        observables: Sequence[str] = OSCILLATION,
    ) -> None:
        if ordering not in ("no", "io"):
            raise InputError(f"ordering {ordering!r}; {suggest(str(ordering), ['no', 'io'])}")
        if not 0 < vev < np.inf:
            raise InputError(f"vev {vev}; it must be positive and finite (GeV)")
        for name in observables:
            if name not in OBSERVABLES:
                raise InputError(
                    f"observable {name!r} is unknown to the seesaw; "
                    f"{suggest(name, list(OBSERVABLES))}"
                )
        self.name = f"seesaw-{ordering}"
        self.ordering: Ordering = ordering
        self.prior_settings = prior or SeesawPrior()
        self.prior = self.prior_settings.build()
        self.vev = vev
        self.observables = tuple(observables_of(ordering)[name] for name in observables)
        self.parameters = tuple(_parameters())

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(quantity.name for quantity in self.observables)

    def forward(self, theta: np.ndarray) -> np.ndarray:
        """Observables (N, K) of parameters (N, 23); the fast kernel where it suffices."""
        if set(self._names) <= set(OSCILLATION):
            values = observables_from_theta(theta, self.ordering, self.vev)
            if self._names == OSCILLATION:
                return values
            return values[:, [OSCILLATION.index(name) for name in self._names]]
        if set(self._names) <= set(SIX):
            from .jacobian import dirac_phase

            five = observables_from_theta(theta, self.ordering, self.vev)
            _, mixing = light_neutrinos_from_theta(theta, self.ordering, self.vev)
            six = np.column_stack([five, dirac_phase(mixing)])
            return six[:, [SIX.index(name) for name in self._names]]
        if set(self._names) <= set(LABELS):
            values = labels_from_theta(theta, self.ordering, self.vev)
            return values[:, [LABELS.index(name) for name in self._names]]
        everything = self.predict(theta, extra=True)
        return np.stack([everything[name] for name in self._names], axis=1)

    @property
    def jacobian(self) -> Callable[[np.ndarray], np.ndarray] | None:
        """Derivatives (N, K, 23) of `forward`; None where an observable has no formula for them."""
        if not set(self._names) <= set(SIX):
            return None
        from .jacobian import oscillation_jacobian

        rows = [SIX.index(name) for name in self._names]
        return lambda theta: oscillation_jacobian(theta, self.ordering, self.vev)[:, rows]

    @property
    def prediction_quantities(self) -> tuple[Quantity, ...]:
        """Everything `predict` returns, in order."""
        return PREDICTIONS

    def predict(self, theta: np.ndarray, extra: bool = False) -> dict[str, np.ndarray]:
        """Predictions (N,) by name, masses in eV and phases in rad.

        Args:
            theta: Parameters (N, 23).
            extra: Also dm2_31 and the nine abs(U).
        """
        masses, mixing = light_neutrinos_from_theta(theta, self.ordering, self.vev)
        found = lepton_predictions(masses, mixing, self.ordering)
        found["I1"], found["I2"] = majorana_invariants(mixing)
        result = {quantity.name: found[quantity.name] for quantity in PREDICTIONS}
        if extra:
            lower = 0.0 if self.ordering == "no" else found["dm2_21"]
            result["dm2_31"] = found["dm2_3l"] + lower
            moduli = np.abs(mixing).reshape(-1, 9)
            result.update({name: moduli[:, i] for i, name in enumerate(ABS_U)})
        return {name: np.asarray(values) for name, values in result.items()}

    def flavour_draws(self, theta: np.ndarray) -> "FlavourDraws":
        """Yukawas, heavy masses, mixing and light masses, for plug-ins of predictions."""
        from ..flavour.predictions.plugin import FlavourDraws

        masses, mixing = light_neutrinos_from_theta(theta, self.ordering, self.vev)
        return FlavourDraws(*unpack(theta), self.vev, mixing, masses, self.ordering)

    @cached_property
    def symmetries(self) -> tuple[Symmetry, ...]:  # type: ignore[override]
        """Column signs and phases, row turns, CP, and the scalings that keep Y M^-1 Y^T."""
        from .symmetries import seesaw_symmetries  # for chains only

        return seesaw_symmetries()

    @property
    def reflections(self) -> tuple[str, ...]:
        """Angles that the posterior does not tell from their negatives, unless they are measured.

        CP conjugation leaves prior and observables as they are, and turns the sign of all phases.
        """
        odd = {"delta_cp", "alpha21", "alpha31", "J", "I1", "I2"}
        return () if odd & set(self._names) else ("delta_cp", "alpha21", "alpha31")

    def chart(self, measurement: Measurement) -> Chart:
        """Casas-Ibarra coordinates."""
        flat = self.prior_settings.yukawa == "uniform"
        return CasasIbarraChart(self.prior, measurement, self.ordering, self.vev, flat)

    def conditioned_chart(self, measurement: Measurement) -> FoldedChart | None:
        """The same without their 1,024 copies; for the flat prior only, whose phases are known."""
        chart = self.chart(measurement)
        return FoldedChart(chart) if isinstance(chart, CasasIbarraChart) and chart.flat else None

    def variables(self, theta: np.ndarray) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
        """``Y_re``, ``Y_im`` (N, flavor, heavy), ``log10_M`` and ``phase_M`` (N, heavy)."""
        phases = np.concatenate([theta[:, 21:23], np.zeros((len(theta), 1))], axis=1)
        return {
            "Y_re": (("flavor", "heavy"), theta[:, :9].reshape(-1, 3, 3)),
            "Y_im": (("flavor", "heavy"), theta[:, 9:18].reshape(-1, 3, 3)),
            "log10_M": (("heavy",), theta[:, 18:21]),
            "phase_M": (("heavy",), phases),
        }

    def from_variables(self, variables: dict[str, np.ndarray]) -> np.ndarray:
        """Parameters (N, 23) from the arrays that `variables` gives."""
        n = len(variables["Y_re"])
        return np.concatenate(
            [
                variables["Y_re"].reshape(n, 9),
                variables["Y_im"].reshape(n, 9),
                variables["log10_M"],
                variables["phase_M"][:, :2],
            ],
            axis=1,
        )

    @property
    def variable_quantities(self) -> dict[str, Quantity]:
        """Symbols and units of the entries of `variables`."""
        return {
            "Y_re": Quantity("Y_re", r"\mathrm{Re}\,Y", "", "real part of the Yukawa matrix"),
            "Y_im": Quantity("Y_im", r"\mathrm{Im}\,Y", "", "imaginary part of the Yukawa matrix"),
            "log10_M": Quantity("log10_M", r"\log_{10} |M|", "log10(GeV)", "heavy masses"),
            "phase_M": Quantity("phase_M", r"\arg M", "rad", "phases of the heavy masses"),
        }

    def acceptances(self, theta: np.ndarray) -> dict[str, np.ndarray]:
        """The founding paper's test: all 11 labels in NuFIT's 3 sigma ranges (with SK-atm)."""
        labels = labels_from_theta(theta, self.ordering, self.vev)
        return {"eleven_labels": founding_paper_box(self.ordering).within_three_sigma(labels)}

    def coordinates(self) -> dict[str, list[Any]]:
        """Flavors e, mu, tau; heavy neutrinos 1, 2, 3."""
        return {"flavor": list(FLAVORS), "heavy": [1, 2, 3]}

    def describe(self) -> dict[str, Any]:
        """Ordering, prior settings, vev and observables."""
        return {
            "name": "seesaw",
            "ordering": self.ordering,
            "prior": asdict(self.prior_settings),
            "vev_GeV": self.vev,
            "observables": list(self._names),
        }


def _parameters() -> list[Quantity]:
    result = []
    for part, symbol in (("re", "Re"), ("im", "Im")):
        for flavor in FLAVORS:
            for heavy in (1, 2, 3):
                tex = rf"\mathrm{{{symbol}}}\,Y_{{{_TEX[flavor]} {heavy}}}"
                result.append(Quantity(f"Y_{part}[{flavor},{heavy}]", tex))
    result += [
        Quantity(f"log10_M[{i}]", rf"\log_{{10}}(|M_{i}|/\mathrm{{GeV}})") for i in (1, 2, 3)
    ]
    result += [Quantity(f"phase_M[{i}]", rf"\arg M_{i}", "rad") for i in (1, 2)]
    return result
