"""Studies by name, and from YAML files."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.errors import InputError, suggest
from ..base.yaml_files import checked, read_yaml
from ..core.chart import Chart
from ..core.draws import Draws
from ..core.measurement_file import file_content
from ..core.target import Target
from ..problems.seesaw.settings import SamplerSettings, SeesawSettings
from ..samplers.emcee_adapter import sample_emcee
from ..samplers.exact import sample_exact
from ..samplers.nautilus_adapter import sample_nautilus
from ..samplers.smc import SMCSettings, sample_smc
from .networks import network_sampler, network_standing, serves
from .study import Reference, Sampler, Study, Timed

if TYPE_CHECKING:
    from ..problems.sterile.settings import SterileSettings

REFERENCE_PROPOSALS = 1 << 21
"""Half of the exact sampler's own: enough for thousands of draws to compare with."""

PRESETS: dict[str, dict[str, Any]] = {
    "seesaw-no": {"study": "seesaw", "ordering": "no"},
    # its density is the harder one; normal ordering reached ESS/N 0.63 without features
    "seesaw-io": {"study": "seesaw", "ordering": "io", "training": {"features": True}},
    "sterile": {"study": "sterile"},
    "founding-paper": {"study": "founding-paper"},
}
KINDS = ("seesaw", "sterile", "founding-paper")


def load_study(name: str, **changes: Any) -> Study:
    """Build a study from its name or from a YAML file.

    Args:
        name: One of `PRESETS`, or the path of a YAML file.
        **changes: Settings that take the place of the study's own, such as ``draws=1000``; None
            leaves a setting as it is.

    Raises:
        InputError: For an unknown name, or settings that are not allowed.
    """
    content, where = _content(name)
    content.update({key: value for key, value in changes.items() if value is not None})
    try:
        if content["study"] == "sterile":
            return sterile_study(content, where)
        if content["study"] == "founding-paper":
            from ..problems.founding_paper.problem import founding_study

            return founding_study(content, where)
        return seesaw_study(checked(SeesawSettings, content, where))
    except InputError as error:
        prefix = "" if str(error).startswith(where) else f"{where}: "
        raise InputError(f"{prefix}{error}") from None


def load_settings(name: str, **sections: dict[str, Any]) -> SeesawSettings:
    """Settings of a seesaw study, from its name or from a YAML file.

    Args:
        name: As for `load_study`.
        **sections: Changes inside a section, such as ``training={"steps": 1000}``; None leaves a
            setting as it is.

    Raises:
        InputError: For an unknown name, another kind of study, or settings that are not allowed.
    """
    content, where = _content(name)
    if content["study"] != "seesaw":
        raise InputError(f"{where}: is no seesaw study; allowed here: seesaw-no, seesaw-io")
    for section, changes in sections.items():
        kept = {key: value for key, value in changes.items() if value is not None}
        if kept:
            content[section] = {**(content.get(section) or {}), **kept}
    return checked(SeesawSettings, content, where)


def load_sterile_settings(name: str, **changes: Any) -> "SterileSettings":
    """Settings of a sterile study, from its name or from a YAML file.

    Args:
        name: As for `load_study`.
        **changes: Settings that take the place of the study's own; None leaves one as it is.

    Raises:
        InputError: For an unknown name, another kind of study, or settings that are not allowed.
    """
    from ..problems.sterile.settings import SterileSettings

    content, where = _content(name)
    if content["study"] != "sterile":
        raise InputError(f"{where}: is no sterile study; allowed here: sterile, or its YAML file")
    content.update({key: value for key, value in changes.items() if value is not None})
    return checked(SterileSettings, content, where)


def kind_of(name: str) -> str:
    """Kind of a study by its name or YAML file: ``seesaw``, ``sterile`` or ``founding-paper``."""
    return str(_content(name)[0]["study"])


def _content(name: str) -> tuple[dict[str, Any], str]:
    """Settings as they stand in a preset or file, with the kind of study, and where they stand."""
    if name in PRESETS:
        content, where = dict(PRESETS[name]), name
    elif name.endswith((".yaml", ".yml")) or os.path.isfile(name):
        content, where = read_yaml(Path(name)), name
        measurement = content.get("measurement")
        if isinstance(measurement, str) and measurement != "nufit-6.0":
            content["measurement"] = Path(name).parent / measurement
    else:
        what = "is a folder" if os.path.isdir(name) else "is unknown"
        raise InputError(
            f"study {name!r} {what}; {suggest(name, list(PRESETS))}, or the path of a YAML file"
        )
    kind = content.setdefault("study", "seesaw")
    if kind not in KINDS:
        raise InputError(f"{where}: study {kind!r}; {suggest(str(kind), list(KINDS))}")
    return content, where


def sterile_study(content: dict[str, Any], where: str) -> Study:
    """The 3+1 study that a mapping of settings describes."""
    from ..problems.sterile.settings import SterileSettings
    from .certificate_files import folder_standing

    settings = checked(SterileSettings, content, where)
    folder = settings.networks()  # refuses a wrong folder before anything is drawn

    def follow_up(out: Path, stages: Path, timed: Timed) -> list[Any]:
        from ..problems.sterile.follow import follow

        return follow(settings, out, stages, timed)

    return Study(
        name="sterile",
        follow=follow_up,
        standing=None if folder is None else partial(folder_standing, folder),
        target=settings.build(),
        sampler=SAMPLERS[settings.method](settings.sampler),
        method=settings.method,
        draws=settings.draws,
        seed=settings.seed,
        settings=settings.model_dump(mode="json"),
    )


def seesaw_study(settings: SeesawSettings) -> Study:
    """The seesaw study that the settings describe."""
    measurement = settings.build_measurement()
    target = settings.build(measurement)
    plain = settings.model_dump(mode="json")
    if settings.measurement != "nufit-6.0":  # the numbers in force, not the name of a file
        plain["measurement"] = file_content(measurement)
    method = settings.method or ("network" if serves(target) else "exact")
    is_network = method == "network"
    name = f"seesaw-{settings.ordering}"
    return Study(
        name=name,
        target=target,
        sampler=network_sampler(settings) if is_network else SAMPLERS[method](settings.sampler),
        reference=exact_reference(settings) if is_network else None,
        standing=partial(network_standing, settings, name) if is_network else None,
        method=method,
        draws=settings.draws,
        seed=settings.seed,
        settings=plain,
        other_priors={
            other.name: other.log_ratio(target.model, settings.prior)  # type: ignore[arg-type]
            for other in settings.other_priors
        },
    )


def exact_reference(settings: SeesawSettings) -> Reference | None:
    """Exact draws that the report shows beneath a network's, or None where none are wanted."""
    draws = settings.network.reference
    if not draws:
        return None
    effort = settings.sampler.model_copy(update={"proposals": REFERENCE_PROPOSALS})
    return Reference("exact sampler", _exact(effort), draws)


def _chart(target: Target, settings: SamplerSettings) -> Chart:
    return target.raw_chart if settings.coordinates == "parameters" else target.chart


def _exact(settings: SamplerSettings) -> Sampler:
    def sample(target: Target, draws: int, seed: int, folder: Path | None) -> Draws:
        return sample_exact(
            target,
            draws,
            seed,
            folder,
            proposals=settings.proposals,
            max_steps=settings.max_steps,
            chart=_chart(target, settings),
        )

    return sample


def _smc(settings: SamplerSettings) -> Sampler:
    def sample(target: Target, draws: int, seed: int, folder: Path | None) -> Draws:
        effort = SMCSettings(settings.runs, settings.particles, settings.max_sweeps)
        return sample_smc(target, draws, seed, folder, effort, _chart(target, settings))

    return sample


def _nautilus(settings: SamplerSettings) -> Sampler:
    def sample(target: Target, draws: int, seed: int, folder: Path | None) -> Draws:
        chart = _chart(target, settings)
        return sample_nautilus(target, draws, seed, folder, live=settings.live, chart=chart)

    return sample


def _emcee(settings: SamplerSettings) -> Sampler:
    def sample(target: Target, draws: int, seed: int, folder: Path | None) -> Draws:
        chart = _chart(target, settings)
        return sample_emcee(
            target, draws, seed, folder, settings.walkers, settings.steps, chart=chart
        )

    return sample


SAMPLERS: dict[str, Callable[[SamplerSettings], Sampler]] = {
    "exact": _exact,
    "smc": _smc,
    "nautilus": _nautilus,
    "emcee": _emcee,
}
"""Method name -> function from effort settings to a sampler."""
