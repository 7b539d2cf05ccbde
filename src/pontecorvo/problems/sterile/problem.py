"""``pontecorvo run sterile``: eV-scale sterile neutrinos, every experiment and every method."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ...base.errors import tell
from ...core.exploration import Exploration
from ...core.problem import CheckRequest, LogRatio, Option, Problem, RunView, Timed, TrainRequest
from ...core.settings import StudySettings
from ...core.target import LikelihoodTarget
from .estimators import ESTIMATORS, check_estimators, costs
from .settings import SterileSettings

if TYPE_CHECKING:
    from .story import Story


class SterileProblem(Problem):
    """3+1 neutrinos: two parameters, and the data of the chosen experiments.

    The posterior has all nuisances integrated out; fits, belts by trials, tensions and the
    posteriors of networks follow it. Modules that compute are imported where they are needed, so
    that help and schema answer at once.
    """

    kind = "sterile"
    papers = ("Feldman1998",)
    Settings: ClassVar[type[StudySettings]] = SterileSettings
    options: ClassVar[Mapping[str, Sequence[Option]]] = {
        "run": (
            Option("experiments", "Names, comma-separated; see 'pontecorvo experiments'."),
            Option("flux", "Reactor flux model: hm, sm, hkss, kurchatov or dayabay."),
            Option("data", "Folder with released data that does not ship, or none.", path=True),
            Option("estimators", "Names, comma-separated, or all: " + ", ".join(ESTIMATORS) + "."),
            Option("axes", "Coordinates shown: sin2-2theta, or ue4-m4 for |U_e4|^2 and m_4."),
        ),
        "train": (
            Option("belts", "Ratios and belts for the flows in --out.", flag=True),
            Option("nuisances", "The network of every pull instead.", flag=True),
        ),
        "check": (
            Option(
                "experiments",
                "A set to check, comma-separated, or all; may be repeated "
                "(default: all, and the gallium experiments).",
                multiple=True,
            ),
        ),
    }
    settings: SterileSettings
    _story: "Story | None" = None

    @property
    def title(self) -> str:
        """The question, and how many experiments answer it."""
        count = len(self.settings.in_force()["experiments"])
        what = "one experiment" if count == 1 else f"{count} experiments"
        return (
            f"Is there a sterile neutrino at the eV scale? {what.capitalize()} of electron flavour"
        )

    def build_target(self) -> LikelihoodTarget:
        """Posterior of log10 sin^2 2theta_ee and log10 dm2_41; refuses wrong networks too.

        What a setting takes away from the run, or what cannot be done, is said here, before
        anything is drawn.
        """
        self.settings.networks()
        for line in costs(check_estimators(self.settings.estimators)):
            tell(line)
        if self.settings.nuisances:
            from .nuisance_study import check_nuisances

            check_nuisances(self.settings)
        return self.settings.build()

    def plain_settings(self) -> dict[str, Any]:
        """Every setting in force, the data folder as it was found."""
        return self.settings.in_force()

    def default_method(self) -> str:
        """Two parameters: the exact sampler serves without a chart."""
        return "exact"

    def citations(self) -> list[str]:
        """The source of each experiment in the fit."""
        model: Any = self.target.model
        return [one.source for one in model.joint.experiments]

    def follow(self, out: Path, stages: Path, timed: Timed) -> list[Any]:
        """Best fits, belts, tensions and networks, with their sections."""
        from .follow import follow

        found = follow(self.settings, out, stages, timed)
        self._story = found.story
        return found.sections

    def report(self, run: RunView) -> bool:
        """The story of the fits at the head; the same lines go to ``summary.json``."""
        if self._story is None:
            return False
        from .report.sterile_page import write_sterile

        run.summary["headline"] = self._story.plain()
        write_sterile(self.target, run, self._story, self.title)
        return True

    def standing(self) -> list[Any] | None:
        """What is known of each network in the folder that the settings name."""
        folder = self.settings.networks()
        if folder is None:
            return None
        from ...study.certificate_files import folder_standing

        return list(folder_standing(folder, self.kind))

    def train(self, request: TrainRequest) -> str | None:
        """Flows of the plane, their belts, or the network of every pull."""
        from .train import train

        return train(self.settings, request)

    def check_networks(self, request: CheckRequest) -> list[tuple[Path, Any]] | None:
        """Calibration of every network over sets of experiments."""
        from .check import check_networks

        return list(check_networks(self.settings, request))

    def check_run(self, run: RunView, seed: int) -> list[Any] | None:
        """The draws, and those of the networks, against the exact grid posterior."""
        from .run_checks import check_run

        return list(check_run(self.target, run, seed))

    def prior_alternatives(self) -> Mapping[str, LogRatio]:
        """A prior flat in log |U_e4|^2 and log m_4, for `reweight --prior`."""
        from .plane_coordinates import log_prior_ratio

        return {"ue4-m4": lambda theta, predictions: log_prior_ratio(predictions["sin2_2theta_ee"])}

    def explore(self) -> Exploration:
        """The plane, with every experiment as a switch."""
        from .switchboard import Switches

        return Exploration(switchboard=Switches(self.settings))
