"""Studies by name, and from YAML files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..base.errors import InputError, suggest
from ..inference.exact import sample_exact
from ..models.base import Target
from .settings import SamplerSettings, SeesawSettings
from .study import Sampler, Study
from .yaml_files import checked, read_yaml

PRESETS: dict[str, dict[str, Any]] = {
    "seesaw-no": {"study": "seesaw", "ordering": "no"},
    "seesaw-io": {"study": "seesaw", "ordering": "io"},
}


def load_study(name: str, **changes: Any) -> Study:
    """Build a study from its name or from a YAML file.

    Args:
        name: One of `PRESETS`, or the path of a YAML file.
        **changes: Settings that take the place of the study's own, such as ``draws=1000``; None
            leaves a setting as it is.

    Raises:
        InputError: For an unknown name, or settings that are not allowed.
    """
    if name in PRESETS:
        content, where = dict(PRESETS[name]), name
    elif name.endswith((".yaml", ".yml")) or Path(name).is_file():
        content, where = read_yaml(Path(name)), name
        measurement = content.get("measurement")
        if isinstance(measurement, str) and measurement != "nufit-6.0":
            content["measurement"] = Path(name).parent / measurement
    else:
        raise InputError(
            f"study {name!r} is unknown; {suggest(name, list(PRESETS))}, or the path of a YAML file"
        )
    content.update({key: value for key, value in changes.items() if value is not None})
    kind = content.setdefault("study", "seesaw")
    if kind != "seesaw":
        raise InputError(f"{where}: study {kind!r}; {suggest(str(kind), ['seesaw'])}")
    return seesaw_study(checked(SeesawSettings, content, where))


def seesaw_study(settings: SeesawSettings) -> Study:
    """The seesaw study that the settings describe."""
    target = settings.build()
    plain = settings.model_dump(mode="json")
    if isinstance(settings.measurement, Path):  # the numbers in force, not the name of a file
        plain["measurement"] = target.measurement.describe()
    return Study(
        name=f"seesaw-{settings.ordering}",
        target=target,
        sampler=SAMPLERS[settings.method](settings.sampler),
        method=settings.method,
        draws=settings.draws,
        seed=settings.seed,
        settings=plain,
    )


def _exact(settings: SamplerSettings) -> Sampler:
    def sample(target: Target, draws: int, seed: int, folder: Path | None) -> Any:
        chart = target.raw_chart if settings.coordinates == "parameters" else None
        return sample_exact(
            target, draws, seed, folder, settings.proposals, 0.03, settings.max_steps, chart
        )

    return sample


SAMPLERS: dict[str, Callable[[SamplerSettings], Sampler]] = {"exact": _exact}
"""Method name -> function from effort settings to a sampler."""
