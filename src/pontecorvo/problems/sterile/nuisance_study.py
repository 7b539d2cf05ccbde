"""The posterior of the plane and every named pull of a sterile run: file, section, refusal."""

from pathlib import Path
from typing import TYPE_CHECKING

import xarray as xr

from ... import __version__
from ...base.errors import InputError
from ...report.page import Section
from ...study.posterior_file import write_groups
from .experiment_registry import expand, load_experiments
from .fits import Fit
from .settings import SterileSettings

if TYPE_CHECKING:
    from .neural.nuisance_posterior import NuisanceDraws, NuisancePosterior

DRAWS = 4000
FILE = "nuisances.nc"


def load_posterior(settings: SterileSettings) -> "NuisancePosterior":
    """The network of all pulls, for the study's experiments with energy scales as Gaussian pulls.

    Raises:
        InputError: If it was trained for others.
    """
    from .neural.nuisance_posterior import SHIPPED, NuisancePosterior
    from .neural.ratio_maps import RatioMaps
    from .nuisance_training import GAUSSIAN, gaussian_scales

    asked = settings.build_setting()
    if dict(asked.options).get(*GAUSSIAN) != GAUSSIAN[1]:
        raise InputError("nuisances: the energy scales must be Gaussian pulls, not a box")
    experiments = load_experiments(expand(settings.experiments), gaussian_scales(asked))
    folder = settings.nuisances if isinstance(settings.nuisances, Path) else SHIPPED
    return NuisancePosterior.load(folder, RatioMaps(experiments))


def nuisances_part(
    settings: SterileSettings,
    out: Path,
    joint: Fit | None = None,
    posterior: "NuisancePosterior | None" = None,
) -> Section:
    """Draw, weigh, write `FILE` to `out`, and say in a section what the pulls are.

    Args:
        settings: The study's settings.
        out: The run's folder.
        joint: The run's own fit of all experiments, whose plane is drawn beside.
        posterior: What `load_posterior` gave; loaded here by default.
    """
    from .report.nuisance_section import nuisances_section

    posterior = posterior or load_posterior(settings)
    study = posterior.study
    draws = posterior.draw(study.joint.data, DRAWS, settings.seed)
    write_groups(out / FILE, groups(study.names, draws), {"title": "3+1 with every pull"})
    return nuisances_section(study.names, draws, out / "figures", joint)


def groups(names: tuple[str, ...], draws: "NuisanceDraws") -> dict[str, xr.Dataset]:
    """Datasets of the draws in the ArviZ layout.

    ``posterior`` has the plane, and ``pull`` by nuisance in standard deviations of its prior;
    ``sample_stats`` log_weight, log_q, and log_posterior, which is not normalised.
    """
    axes = {"chain": [0], "draw": list(range(len(draws.points)))}
    about = {"inference_library": "pontecorvo", "inference_library_version": __version__}
    points = draws.points[None]
    plane = {
        name: (("chain", "draw"), points[:, :, k], {"units": "1"})
        for k, name in enumerate(names[:2])
    }
    pulls = (("chain", "draw", "nuisance"), points[:, :, 2:], {"units": "prior's sigma"})
    flat = {
        "log_weight": draws.weights.log_weights - draws.weights.log_weights.max(),
        "log_q": draws.log_density,
        "log_posterior": draws.weights.log_target,
    }
    stats = {name: (("chain", "draw"), values[None]) for name, values in flat.items()}
    return {
        "posterior": xr.Dataset(
            {**plane, "pull": pulls}, {**axes, "nuisance": list(names[2:])}, about
        ),
        "sample_stats": xr.Dataset(stats, axes, about),
    }
