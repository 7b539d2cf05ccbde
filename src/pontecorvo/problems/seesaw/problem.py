"""The type-I seesaw as a problem: what it says to study, report, training and checks."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ...core.draws import Draws
from ...core.exploration import Exploration
from ...core.measurement import GaussianMeasurement, Measured
from ...core.problem import Checked, LogRatio, Preset, Problem, RunView
from ...core.quantity import Quantity
from ...core.settings import StudySettings
from ...core.target import LikelihoodTarget, Target
from ..flavour.nufit import OSCILLATION
from ..flavour.predicted import predicted
from .alternative_priors import alternatives
from .model import Seesaw
from .settings import RANGES, SeesawSettings

NETWORKS = Path(__file__).parent / "networks"
_CHECKED = (
    *("log10_M1", "log10_M2", "log10_M3", "delta_cp", "alpha21", "alpha31"),
    *("log10_m_lightest", "m_ee", "sin2_theta23", "dm2_21"),
)
_PHASES = ("delta_cp", "alpha21", "alpha31")


class SeesawProblem(Problem):
    """Which Yukawa couplings and heavy masses give the measured oscillations."""

    kind = "seesaw"
    papers = ("Casas2001", "Nishimura2025diffusion")
    Settings: ClassVar[type[StudySettings]] = SeesawSettings
    settings: SeesawSettings

    def default_name(self) -> str:
        """``seesaw-no`` or ``seesaw-io``."""
        return f"seesaw-{self.settings.ordering}"

    def build_target(self) -> Target:
        """Posterior of 23 parameters given oscillations."""
        return self.settings.build()

    def measured(self, measurement: Any) -> Target:
        """The same given another measurement, of any observables of the model."""
        return self.settings.build(measurement)

    @cached_property
    def model(self) -> Seesaw:
        """The model."""
        model = self.target.model
        assert isinstance(model, Seesaw)
        return model

    def plain_settings(self) -> dict[str, Any]:
        """Every setting; of a measurement file its numbers, not its name."""
        plain = super().plain_settings()
        found = self.target.measurement
        if not isinstance(self.settings.measurement, str) and isinstance(
            found, GaussianMeasurement
        ):
            from ...core.measurement_file import file_content

            plain["measurement"] = file_content(found)
        return plain

    def shipped_network(self) -> Path | None:
        """Card of the ordering's network."""
        return NETWORKS / f"{self.model.name}.json"

    def feature_map(self) -> str:
        """Moduli of the entries of Y; registered under the model's name."""
        return self.model.name

    def default_ranges(self) -> dict[str, tuple[float, float]]:
        """`RANGES`, for any measurement of the oscillations."""
        return dict(RANGES)

    def training_target(self) -> LikelihoodTarget:
        """The model's prior inside the ranges; dm2_3l is negative for inverted ordering."""
        quantities = []
        for name in OSCILLATION:
            low, high = self.settings.training.ranges.get(name, RANGES[name])
            if name == "dm2_3l" and self.model.ordering == "io":
                low, high = -high, -low
            centre, sigma = 0.5 * (low + high), (high - low) / 6
            quantities.append(Measured(name, centre, sigma, sigma, low, high))
        return self.measured(GaussianMeasurement(quantities, "box", source="training range"))

    def checked(self, theta: np.ndarray) -> Checked:
        """Heavy masses, phases, the lightest mass, m_ee, two observables."""
        predictions = self.model.predict(theta)
        lightest = predictions["m1" if self.model.ordering == "no" else "m3"]
        columns = [theta[:, 18], theta[:, 19], theta[:, 20]]
        columns += [predictions[name] for name in _PHASES]
        columns += [np.log10(lightest)]
        columns += [predictions[name] for name in ("m_ee", "sin2_theta23", "dm2_21")]
        periodic = np.array([name in _PHASES for name in _CHECKED])
        return Checked(np.stack(columns, axis=1), _CHECKED, periodic)

    def other_priors(self) -> Mapping[str, LogRatio]:
        """Those of the settings."""
        return {
            other.name: other.log_ratio(self.model, self.settings.prior)
            for other in self.settings.other_priors
        }

    def prior_alternatives(self) -> Mapping[str, LogRatio]:
        """Narrower ranges, log-uniform Yukawas, flat masses, Haar's measure."""
        return alternatives(self.model)

    def prior_columns(self) -> tuple[str, ...]:
        """Absolute masses and heavy masses."""
        return ("sum_m", "m_ee", "m_beta", "log10_M[1]", "log10_M[2]", "log10_M[3]")

    def extra_predictions(self, draws: Draws) -> tuple[dict[str, np.ndarray], dict[str, Quantity]]:
        """What the settings ask to be predicted beside the light neutrinos."""
        return predicted(self.settings.predict, self.model, draws, self.settings.vev)

    def report(self, run: RunView) -> bool:
        """The pictures of lepton flavour."""
        from .report.seesaw_page import write_seesaw

        write_seesaw(self.target, run)
        return True

    def explore(self) -> Exploration:
        """Yukawas, masses, mixing, and the forecasts of oscillation experiments."""
        from .explored import exploration_of

        return exploration_of(self.model)


normal_ordering = Preset(SeesawProblem, {"ordering": "no"})
# its density is the harder one; normal ordering reached ESS/N 0.63 without features
inverted_ordering = Preset(SeesawProblem, {"ordering": "io", "training": {"features": True}})
