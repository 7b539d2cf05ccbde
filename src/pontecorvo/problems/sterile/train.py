"""``pontecorvo train sterile``: flows of the plane, ratios and belts, or a network of all pulls."""

from pathlib import Path

from ...base.errors import InputError
from ...core.problem import TrainRequest
from .settings import SterileSettings

SEED = 1
"""Of the networks that ship."""


def train(settings: SterileSettings, request: TrainRequest) -> str:
    """Train into the folder ``request.out``; taken up again where a killed call was.

    Args:
        settings: The study: its experiments, and what was chosen for them.
        request: ``belts`` among its extras asks for ratios and belts of the flows that are there,
            ``nuisances`` for the network of the plane and every pull.

    Raises:
        InputError: If both are asked for, or networks are there already.
    """
    belts, nuisances = bool(request.extras.get("belts")), bool(request.extras.get("nuisances"))
    if belts and nuisances:
        raise InputError("--belts and --nuisances: give one of the two")
    out = request.out
    _refuse(out, belts, request.overwrite)
    seed = SEED if request.seed is None else request.seed
    setting = settings.build_setting()
    if nuisances:
        from .nuisance_training import train_nuisances

        train_nuisances(out, settings.experiments, setting, seed=seed, say=request.say)
    elif belts:
        from .neural.training import train_sterile_belts

        train_sterile_belts(out, setting, seed=seed, say=request.say)
    else:
        from .neural.training import train_sterile

        train_sterile(out, settings.experiments, setting, seed=seed, say=request.say)
    return f"networks in {out}"


def _refuse(out: Path, belts: bool, overwrite: bool) -> None:
    begun = (out / ".stages").is_dir()  # by a call that was killed: taken up again
    there = [out / "belts.json"] if belts else list(out.glob("*.json"))
    if any(path.exists() for path in there) and not begun and not overwrite:
        what = "belts" if belts else "networks"
        raise InputError(f"--out {out}: {what} are there already; give --overwrite or another")
