"""``pontecorvo run founding-paper``: the founding paper's recipe as a problem."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from ...base.errors import InputError
from ...core.draws import Draws
from ...core.problem import CheckRequest, Option, Problem, RunView, Sampler, Timed, TrainRequest
from ...core.settings import StudySettings
from ...core.target import LikelihoodTarget, Target
from ..seesaw.model import Seesaw
from .settings import FoundingSettings


class FoundingPaperProblem(Problem):
    """Draws by the recipe of arXiv:2503.21432. They follow no posterior."""

    kind = "founding-paper"
    papers = ("Nishimura2025diffusion",)
    Settings: ClassVar[type[StudySettings]] = FoundingSettings
    options: ClassVar[Mapping[str, Any]] = {
        "run": (Option("fast", "Minutes instead of an hour; steered draws.", flag=True),)
    }
    settings: FoundingSettings

    def build_target(self) -> Target:
        """The seesaw, and the five observables that its draws are judged by."""
        return self.settings.target()

    def samplers(self) -> Mapping[str, Sampler]:
        """The recipe."""
        from .recipe import run_recipe

        def sample(target: LikelihoodTarget, draws: int, seed: int, folder: Path | None) -> Draws:
            assert isinstance(target, Target)
            assert isinstance(target.model, Seesaw)
            labels, recipe = self.settings.labels(target.model), self.settings.recipe()
            return run_recipe(target, labels, draws, seed, folder, recipe)

        return {"founding-paper": sample}

    def default_method(self) -> str:
        """The only one."""
        return "founding-paper"

    def follow(self, out: Path, stages: Path, timed: Timed) -> list[Any]:
        """Acceptance, chi-squares and residuals of the labels."""
        from .report_sections import founding_sections

        return founding_sections(stages)

    def report(self, run: RunView) -> bool:
        """A page without pictures of a posterior."""
        from .report_sections import write_founding

        write_founding(self.target, run)
        return True

    def train(self, request: TrainRequest) -> str | None:
        """Refused: a run trains its own networks."""
        raise InputError(f"{self.name}: a run of the recipe trains its own networks")

    def check_networks(self, request: CheckRequest) -> list[tuple[Path, Any]] | None:
        """Refused: there is no network that ships."""
        raise InputError(f"{self.name}: the recipe ships no network to check")

    def check_run(self, run: RunView, seed: int) -> list[Any] | None:
        """Refused: the draws follow no posterior."""
        raise InputError(f"{run.out}: draws of the recipe follow no posterior to check")
