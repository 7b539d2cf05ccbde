"""The posterior of the plane and every named pull of a sterile run: file, section, refusal."""

import json
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

GAUSSIAN = ("energy_scale", "gaussian")
"""Energy scales free within a box have no density of their own; here they are Gaussian pulls."""
SHIPPED = Path(__file__).parent / "networks" / "nuisances"
RETRAIN = "pontecorvo train sterile --nuisances --out FOLDER"
DRAWS = 4000
FILE = "nuisances.nc"


def check_nuisances(settings: SterileSettings) -> tuple[str, ...]:
    """Refuse what the network of all pulls cannot do; costs nothing, so it is asked first.

    Returns:
        The study's experiments that the network has not seen: its posterior is of the others.

    Raises:
        InputError: If there is no network, or the study lacks an experiment of it, or wants energy
            scales in a box.
    """
    asked = dict(settings.build_setting().options)
    if asked.get(*GAUSSIAN) != GAUSSIAN[1]:
        raise InputError("nuisances: the energy scales must be Gaussian pulls, not a box")
    folder = _folder(settings)
    known, chosen = network_experiments(folder), expand(settings.experiments)
    missing = [name for name in known if name not in chosen]
    if missing:
        raise InputError(
            f"nuisances: the network in {folder} was trained for other experiments: it needs "
            f"{', '.join(missing)} as well; leave nuisances out, or train with: {RETRAIN}"
        )
    return tuple(name for name in chosen if name not in known)


def network_experiments(folder: Path) -> tuple[str, ...]:
    """Experiments that the network of all pulls in a folder was trained for.

    Raises:
        InputError: If there is none.
    """
    path = folder / "study.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return tuple(str(one["name"]) for one in content["experiments"])
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            f"networks {folder}: there is none of the nuisances; make it with: {RETRAIN}"
        ) from None


def _folder(settings: SterileSettings) -> Path:
    return settings.nuisances if isinstance(settings.nuisances, Path) else SHIPPED


def load_posterior(settings: SterileSettings) -> "NuisancePosterior":
    """The network of all pulls, for its experiments with energy scales as Gaussian pulls.

    Raises:
        InputError: If it was trained for others.
    """
    from .neural.nuisance_posterior import NuisancePosterior
    from .neural.ratio_maps import RatioMaps
    from .nuisance_training import gaussian_scales

    check_nuisances(settings)
    folder = _folder(settings)
    asked = gaussian_scales(settings.build_setting())
    return NuisancePosterior.load(
        folder, RatioMaps(load_experiments(network_experiments(folder), asked))
    )


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
    left_out = check_nuisances(settings)
    fit = None if left_out else joint  # else the regions beside are of other experiments
    return nuisances_section(study.names, draws, out / "figures", fit, left_out)


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
