"""`pontecorvo mend`: draws of any origin carried to a study's measurement by the lift."""

from pathlib import Path

import numpy as np

from ..base.errors import InputError
from ..base.files import writable_file
from ..core.draws import Draws
from ..core.target import Target
from .catalog import load_problem
from .posterior_file import build_groups, parameters_of, read_groups, write_groups


def mend_file(source: Path, study: str, out: Path, seed: int = 0, overwrite: bool = False) -> Draws:
    """Lift the draws of a posterior.nc onto the measurement of a study, and write them.

    With ``log_q`` among ``sample_stats`` (the log-density of the parameters themselves) the draws
    come back weighted; without, they are said to have no density.

    Args:
        source: NetCDF file laid out as posterior.nc.
        study: The study: its name, YAML file or model's file.
        out: File for the lifted draws, in the same layout.
        seed: Seed of the lift's pilot draws.
        overwrite: Replace a file at `out`.

    Raises:
        InputError: If a file is wrong, or no draw can be carried.
    """
    from ..sbi.lift.mend import mend

    out = writable_file(out, overwrite)
    problem = load_problem(study)
    target = problem.target
    if not isinstance(target, Target):
        raise InputError(f"{study}: mending needs a measurement of the model's observables")
    try:
        groups = read_groups(source)
        theta = parameters_of(target.model, groups)
    except (OSError, KeyError, ValueError, IndexError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"{source}: holds no draws of {target.model.name} in the layout of posterior.nc "
            f"({reason})"
        ) from None
    stats = groups["sample_stats"]
    log_q = stats["log_q"].values.ravel() if "log_q" in stats else None
    finite = np.isfinite(theta).all(axis=1)
    if log_q is not None:
        finite &= np.isfinite(log_q)
        log_q = log_q[finite]
    if not finite.any():
        raise InputError(f"{source}: none of its draws has finite parameters")
    draws = mend(theta[finite], target, log_q, seed=seed)
    attributes = {"study": problem.name, "method": draws.method, "mended": source.name}
    write_groups(out, build_groups(target.model, draws), attributes)
    return draws
