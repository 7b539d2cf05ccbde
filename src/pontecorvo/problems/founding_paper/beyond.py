"""What becomes of a network's draws where the seesaw map is used besides: steered, and mended.

The recipe itself never asks the map where a draw went wrong. Two ways to do so, on some draws of
the last network: while drawing (`steering`), and afterwards, by the lift (`sbi.lift.mend`), which
is what the sister paper's local optimisation (arXiv:2504.00944) becomes as a flow.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from ...base.errors import InputError
from ...base.seeds import stream
from ...core.target import Target
from .labels import Labels, from_box, judged, share
from .stage_folder import StageFolder
from .steering import draw_steered

if TYPE_CHECKING:
    from ...flows.conditional_flow import ConditionalFlow
    from .recipe import Recipe

_EPS = 1e-3  # of the lift: draws of a network start far away, and the map's slopes are exact
_SHARES = (
    "eleven_labels",
    "eleven_labels_in_prior",
    "five_observables",
    "five_observables_in_prior",
    "in_prior",
    "near",
)


def measure_beyond(
    flow: "ConditionalFlow",
    target: Target,
    labels: Labels,
    recipe: "Recipe",
    seed: int,
    kept: StageFolder,
) -> list[dict[str, Any]]:
    """Plain and steered draws of a network, each before and after mending.

    Returns:
        The books of `labels.judged`, each with ``what``; shares are of the draws given, those that
        the lift lost among them. A book with ``failed`` says why there was nothing to judge.
    """
    n, prior = recipe.beyond, target.model.prior
    if n == 0:
        return []
    how: dict[str, Any] = {"steps": recipe.steps, "guidance": recipe.guidance}
    own = int(stream(seed, "founding", "beyond").integers(2**63))

    def plain() -> dict[str, np.ndarray]:
        drawn = flow.sample(
            labels.condition(labels.wanted[None])[0],
            n,
            own,
            sampler=recipe.sampler,
            clip=recipe.clip,
            interval=recipe.interval,
            **how,
        )
        return {"theta": from_box(prior, drawn.u)}

    def steered() -> dict[str, np.ndarray]:
        return {"theta": draw_steered(flow, labels, prior, n, own, sampler=recipe.sampler, **how)}

    books = []
    for what, compute in (("plain", plain), ("steered", steered)):
        with kept.timed(f"{n} {what} draws"):
            theta = kept.arrays(f"beyond-{what}.npz", compute)["theta"]
        books.append({"what": what, **judged(target, labels, theta)})
        with kept.timed(f"{n} {what} draws mended"):
            books.append({"what": f"{what}, mended", **mended_book(theta, target, labels)})
    return books


def mended_book(theta: np.ndarray, target: Target, labels: Labels) -> dict[str, Any]:
    """The books of draws (N, 23) after the lift; shares are of all N."""
    from ...sbi.lift.lift import LiftSettings
    from ...sbi.lift.mend import mend

    try:
        arrived = mend(theta, target, settings=LiftSettings(eps=_EPS)).theta
    except InputError as error:
        return {"failed": str(error)}
    book = judged(target, labels, arrived)
    for key in _SHARES:
        book[key] = share(np.arange(len(theta)) < book[key]["accepted"])
    return book
