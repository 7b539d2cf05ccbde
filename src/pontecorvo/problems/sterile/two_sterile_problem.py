"""``pontecorvo run sterile-3p2``: two sterile neutrinos on the experiments of the sterile fit."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from ...base.files import write_json
from ...core.problem import Option, Problem, Timed
from ...core.settings import SamplerSettings, StudySettings
from .discovery import default_names
from .experiment_settings import ExperimentSettings
from .two_sterile import MIXING, TwoSterileTarget


class TwoSterileSettings(ExperimentSettings):
    """Everything that decides a 3+2 run. The default is every experiment that ships."""

    study: Literal["sterile-3p2"] = "sterile-3p2"
    experiments: list[str] = Field(
        default_factory=lambda: list(default_names()), min_length=1, description="names or groups"
    )
    method: Literal["smc", "nautilus", "emcee", "rounds"] | None = None
    sampler: SamplerSettings = SamplerSettings(runs=4, particles=1000, live=1000)

    def build(self) -> TwoSterileTarget:
        """Posterior of the four parameters, nuisances integrated out."""
        from .two_sterile import TwoSterileModel

        return TwoSterileTarget(TwoSterileModel(self.build_joint()))


class TwoSterileProblem(Problem):
    """3+2: two sterile neutrinos in electron-flavour disappearance

    Four parameters; no plane, so no belts: the evidence says whether the second is needed.
    """

    kind = "sterile-3p2"
    papers = ("Feldman1998",)
    Settings: ClassVar[type[StudySettings]] = TwoSterileSettings
    options: ClassVar[Mapping[str, Sequence[Option]]] = {
        "run": (
            Option("experiments", "Names, comma-separated; see 'pontecorvo experiments'."),
            Option("flux", "Reactor flux model."),
            Option("data", "Folder with released data that does not ship, or none.", path=True),
        ),
    }
    settings: TwoSterileSettings

    def build_target(self) -> TwoSterileTarget:
        """Posterior of |U_e4|^2, |U_e5|^2, dm2_41 and dm2_51."""
        return self.settings.build()

    def plain_settings(self) -> dict[str, Any]:
        """Every setting in force, the data folder as it was found."""
        return self.settings.in_force()

    def default_method(self) -> str:
        """Several modes in four parameters."""
        return "smc"

    def citations(self) -> list[str]:
        """The source of each experiment in the fit."""
        model: Any = self.target.model
        return [one.source for one in model.joint.experiments]

    def follow(self, out: Path, stages: Path, timed: Timed) -> list[Any]:
        """The evidence of one sterile neutrino beside that of two; ``evidence.json``."""
        from ...report.page import Section

        target: Any = self.target
        one = timed("3+1", lambda: target.one_log_evidence)
        null = target.null_log_likelihood
        low, high = (f"{value:g}" for value in MIXING)
        write_json(
            out / "evidence.json",
            {
                "one_log_evidence": one,
                "no_oscillation_log_likelihood": null,
                "ln_bayes_factor_of_3p1": one - null,
            },
        )
        text = (
            "The evidence of 3+2 is that of the draws; the one of 3+1 is a quadrature of the same "
            f"likelihood under the same prior, flat in $\\log_{{10}}|U_{{e4}}|^2$ from {low} to "
            f"{high} and in $\\log_{{10}}\\Delta m^2_{{41}}$. ln Bayes factor of 3+1 over no "
            f"oscillation: {one - null:.2f}. That of 3+2 over 3+1 stands with the evidence above. "
            "Each has the prior's range in it: a wider one counts against what it adds."
        )
        return [Section("One sterile neutrino or two", text)]
