"""The study `juno`: three-flavour oscillation from JUNO's spectrum."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from ...base.errors import InputError
from ...core.problem import Problem, RunView, Sampler, Timed
from ...core.settings import StudySettings
from .external import External, daya_bay
from .juno import Juno
from .model import OscillationModel, OscillationTarget
from .settings import JunoSettings
from .student_draws import sample_about_fit

LIVE, BATCH = 1000, 500
"""nautilus' live points for a check, and points whose likelihood is computed at once."""


class JunoProblem(Problem):
    """JUNO's first data and the four parameters that reactor antineutrinos feel."""

    kind = "juno"
    Settings: ClassVar[type[StudySettings]] = JunoSettings
    settings: JunoSettings

    def build_target(self) -> OscillationTarget:
        """The posterior given the released counts.

        Raises:
            InputError: If the splitting's sign is not that of the ordering.
        """
        from ...core.prior import Uniform

        settings = self.settings
        juno = Juno(settings.experiment.setting())
        prior = settings.prior
        flat = [Uniform(*prior.sin2_theta12), Uniform(*prior.dm2_21)]
        model = OscillationModel(juno, self._external(), flat)
        return OscillationTarget(model, juno.observed(), settings.pulls)

    def _external(self) -> External:
        prior, ordering = self.settings.prior, self.settings.experiment.ordering
        known = daya_bay(ordering)
        own = prior.sin2_theta13, prior.dm2_3l
        if prior.dm2_3l is not None and (prior.dm2_3l[0] > 0) != (ordering == "NO"):
            raise InputError(
                f"prior.dm2_3l: {prior.dm2_3l[0]:g} eV^2 has not the sign of ordering {ordering}; "
                "it is positive for NO and negative for IO"
            )
        if own == (None, None):
            return known
        return External(own[0] or known.sin2_13, own[1] or known.dm2_3l, "the settings")

    def samplers(self) -> Mapping[str, Sampler]:
        """Importance sampling about the best fit."""
        return {"importance": sample_about_fit}

    def default_method(self) -> str:
        """Importance sampling: the posterior is one peak, nearly Gaussian."""
        return "importance"

    def check_run(self, run: RunView, seed: int) -> list[Any]:
        """The run's draws against nautilus', which knows nothing of the fit they lie about."""
        from ...diagnostics.certificate import Check
        from ...samplers.nautilus_adapter import sample_nautilus
        from ...study.check_run import MOST, against_exact, basic_checks

        target = self.target
        theta, log_weight, verdicts, about = basic_checks(
            target, run.groups, run.out / "posterior.nc"
        )
        size = min(len(theta), MOST)
        other = sample_nautilus(target, size, seed + 1, live=LIVE, networks=0, batch=BATCH)
        verdicts.append(
            against_exact("parameters", theta, other.theta, log_weight, other.log_weight, seed)
        )
        about |= {
            "exact_draws": len(other.theta),
            "exact_method": other.method,
            "exact_log_evidence": other.log_evidence,
        }
        return [Check("the run's draws", verdicts, [], about)]

    def citations(self) -> list[str]:
        """The experiment, and what is known from elsewhere."""
        model: Any = self.target.model
        return [model.juno.source, model.external.source]

    def follow(self, out: Path, stages: Path, timed: Timed) -> list[Any]:
        """The fit with its plane, and the forecast."""
        from .fit import axes_about, surface
        from .forecast import forecast_setting, forecasts
        from .report import fit_section, forecast_section, write_numbers

        target = self.target
        assert isinstance(target, OscillationTarget)
        juno, external = target.model.juno, target.model.external
        best = timed("fit", lambda: target.best)
        reach = self.settings.plane
        axes = axes_about(best, reach.sigmas, reach.points)
        plane = timed("plane", lambda: surface(juno, external, *axes, target.data))
        asked = self.settings.forecast
        results = []
        if asked.days:
            setting = forecast_setting(
                asked.days[0],
                asked.shape,
                asked.near_detector,
                ordering=juno.setting.ordering,
                lithium=juno.setting.lithium,
                density=juno.setting.density,
                daya_bay=juno.setting.daya_bay,
            )
            results = timed(
                "forecast",
                lambda: forecasts(setting, list(asked.days), best.theta, external),
            )
        write_numbers(out, juno, best, plane, results)
        sections = [fit_section(juno, best, plane)]
        return sections + ([forecast_section(results)] if results else [])
