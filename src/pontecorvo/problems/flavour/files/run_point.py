"""One draw of a finished seesaw run as a point: for SLHA files and ULYSSES cards."""

import numpy as np

from ....base.errors import InputError
from ....study.finished_run import FinishedRun
from .point import VEV, Point, complete

_VARIABLES = ("Y_re", "Y_im", "log10_M", "phase_M")


def point_of_draw(run: FinishedRun, draw: int | None = None) -> Point:
    """A draw of a run as a point, with its predictions.

    Args:
        run: A run whose posterior has Y_re, Y_im, log10_M and phase_M.
        draw: Its number, from 0; None: the draw of the largest likelihood.

    Raises:
        InputError: If the run has no seesaw in it, or not so many draws.
    """
    posterior = run.groups["posterior"]
    missing = [name for name in _VARIABLES if name not in posterior]
    if missing:
        raise InputError(f"{run.folder}: its draws have no {missing[0]}; they are no seesaw's")
    size = len(run.log_likelihood)
    if draw is not None and not 0 <= draw < size:
        raise InputError(f"draw {draw}: the run has {size}, numbered from 0 to {size - 1}")
    index = int(np.argmax(run.log_likelihood)) if draw is None else draw
    flat = {
        name: posterior[name].values.reshape(size, *posterior[name].shape[2:])[index]
        for name in _VARIABLES
    }
    heavy = 10.0 ** flat["log10_M"] * np.exp(1j * flat["phase_M"])
    ordering = run.summary.get("target", {}).get("model", {}).get("ordering")
    point = complete(
        Point(
            {},
            ordering if ordering in ("no", "io") else None,
            flat["Y_re"] + 1j * flat["Y_im"],
            heavy,
            float(run.settings.get("vev", VEV)),
        )
    )
    point.notes.append(f"draw {index} of {run.folder}")
    return point
