"""What JUNO will reach: errors by exposure, on the expectation itself (Asimov data).

The errors are those of the Fisher matrix of Gaussian bins: J^T (V + G G^T)^-1 J with J the
derivatives of the expected counts, V statistics and bin-to-bin shape, G the pulls, all at the true
point. No data are drawn, so nothing fluctuates.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ...base.errors import InputError
from .external import External, daya_bay
from .juno import LIVE_DAYS, Juno, JunoSetting

Array = np.ndarray
NAMES = ("sin2_theta12", "dm2_21", "sin2_theta13", "dm2_3l")
STEPS = np.array([2e-4, 2e-8, 1e-4, 5e-7])
"""Half steps of the derivatives: hundredths of JUNO's first errors."""
YEAR = 365.25
DESIGN_SIGNAL = 47.1
"""Selected reactor events a day of JUNO's forecast (arXiv:2204.13249, table 2)."""
PUBLISHED_SIX_YEARS = {
    "sin2_theta12": (0.307, 0.0016),
    "dm2_21": (7.53e-5, 0.024e-5),
    "sin2_theta13": (0.0218, 0.0026),
    "dm2_3l": (2.5283e-3, 0.0047e-3),
}
"""Value and error after six years, JUNO alone: arXiv:2204.13249, table 6."""
PRELIMINARY = {"sin2_theta12": (0.3036, 0.0064), "dm2_21": (7.388e-5, 0.078e-5)}
"""Value and error after 207.2 days: JUNO at Neutrino 2026, preliminary."""


@dataclass(frozen=True)
class Forecast:
    """Errors after some days.

    Attributes:
        days: Live days at the rates of the first data.
        truth: The four parameters (4,).
        covariance: Of the four parameters (4, 4).
        setting: Choices of the experiment.
        external: Whether Daya Bay's theta_13 and dm2_3l are added.
    """

    days: float
    truth: Array
    covariance: Array
    setting: JunoSetting
    external: bool

    @property
    def errors(self) -> Array:
        """Standard deviations (4,)."""
        return np.sqrt(np.diagonal(self.covariance))

    @property
    def correlation(self) -> float:
        """Of sin2_theta12 and dm2_21."""
        return float(self.covariance[0, 1] / (self.errors[0] * self.errors[1]))

    def describe(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            "days": self.days,
            "external": self.external,
            "setting": asdict(self.setting),
            "errors": dict(zip(NAMES, self.errors.tolist(), strict=True)),
            "relative": dict(zip(NAMES, (self.errors / np.abs(self.truth)).tolist(), strict=True)),
            "correlation": self.correlation,
        }


def forecast_setting(
    days: float, shape: float | None = None, flux_known: bool = False, **changes: Any
) -> JunoSetting:
    """The experiment of a forecast: bins of 20 keV, pulls at today's sizes.

    Args:
        days: Live days.
        shape: Uncorrelated relative uncertainty of the signal in each 20 keV bin; none by default.
        flux_known: Whether a near detector (TAO) replaces Daya Bay's modes; `shape` is then all
            that is not known of the spectrum.
        changes: Further changes of `JunoSetting`.
    """
    flux = "dayabay-fixed" if flux_known else "dayabay"
    choices: dict[str, Any] = {"days": days, "flux": flux, "shape": shape or 0.0, "bins": 5}
    return JunoSetting(**(choices | changes))


def forecast(
    setting: JunoSetting, truth: Sequence[float] | None = None, external: External | None = None
) -> Forecast:
    """Errors of the four parameters.

    Args:
        setting: The experiment, with `days`.
        truth: The four parameters; JUNO's first best fit and Daya Bay's by default.
        external: Gaussian knowledge of theta_13 and dm2_3l to add; none by default.
    """
    return forecasts(setting, [setting.days or LIVE_DAYS], truth, external)[0]


def forecasts(
    setting: JunoSetting,
    days: Sequence[float],
    truth: Sequence[float] | None = None,
    external: External | None = None,
) -> list[Forecast]:
    """Errors after each of several exposures; arguments as of `forecast`, `days` instead of its."""
    if not len(days) or any(not np.isfinite(number) or number <= 0 for number in days):
        raise InputError(f"forecast days {list(days)}; give finite positive numbers")
    known = external or daya_bay(setting.ordering)
    default = [0.3092, 7.50e-5, known.sin2_13[0], known.dm2_3l[0]]
    point = np.asarray(default if truth is None else truth, dtype=float)
    juno = Juno(setting)
    expected, response = juno.expectation(point[None])
    signal = expected[0] - juno.backgrounds.sum(axis=0)
    up, down = (juno.predict(point + sign * np.diag(STEPS)) for sign in (1, -1))
    slopes = (up - down) / (2 * STEPS[:, None])
    results = []
    for number in days:
        # all counts grow together, so one experiment serves every exposure
        grow = number / juno.days
        variance = grow * expected[0] + (setting.shape * grow * signal) ** 2
        scaled = grow * response[0] / variance[:, None]
        matrix = np.eye(response.shape[2]) + grow * response[0].T @ scaled
        left = grow * slopes / variance
        project = grow * slopes @ scaled
        fisher = grow * left @ slopes.T - project @ np.linalg.solve(matrix, project.T)
        if external is not None:
            fisher[2, 2] += external.sin2_13[1] ** -2
            fisher[3, 3] += external.dm2_3l[1] ** -2
        # scaled to JUNO's errors, so that the inverse is well conditioned
        unit = np.diag(STEPS)
        covariance = unit @ np.linalg.inv(unit @ fisher @ unit) @ unit
        results.append(Forecast(float(number), point, covariance, setting, external is not None))
    return results


def design_days(years: float, juno: Juno | None = None) -> float:
    """Days at the rate of the first data that hold the design's signal of some years.

    JUNO's forecast counts `DESIGN_SIGNAL` events a day, its selection being more efficient and its
    reactors running 11 months of 12; the first data's are the release's best-fit signal.
    """
    experiment = juno or Juno()
    seen = float(experiment.released["signal"].sum()) / LIVE_DAYS
    return years * YEAR * DESIGN_SIGNAL / seen
