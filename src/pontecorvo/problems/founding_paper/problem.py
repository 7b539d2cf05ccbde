"""``pontecorvo run founding-paper``: the founding paper's recipe as a study."""

from pathlib import Path
from typing import Any

from ...base.yaml_files import checked
from ...core.draws import Draws
from ...core.target import Target
from ...study.study import Study, Timed
from ..seesaw.model import Seesaw
from .recipe import run_recipe
from .settings import FoundingSettings


def founding_study(content: dict[str, Any], where: str) -> Study:
    """The study that a mapping of settings describes.

    Raises:
        InputError: For settings that are not allowed.
    """
    settings = checked(FoundingSettings, content, where)
    target = settings.target()
    assert isinstance(target.model, Seesaw)
    labels, recipe = settings.labels(target.model), settings.recipe()

    def sample(target: Target, draws: int, seed: int, folder: Path | None) -> Draws:
        return run_recipe(target, labels, draws, seed, folder, recipe)

    def follow(out: Path, stages: Path, timed: Timed) -> list[Any]:
        from .report_sections import founding_sections

        return founding_sections(stages)

    return Study(
        name="founding-paper",
        target=target,
        sampler=sample,
        method=settings.method,
        draws=settings.draws,
        seed=settings.seed,
        settings=settings.model_dump(mode="json"),
        follow=follow,
    )
