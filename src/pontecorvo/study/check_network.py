"""The certificate of an amortised network: simulated measurements with known truth."""

from pathlib import Path
from typing import Any

from ..base.errors import InputError
from ..base.files import fingerprint, writable_folder
from ..core.problem import CheckRequest, Problem
from ..diagnostics.calibration import judged
from ..diagnostics.certificate import Check
from .amortised_network import load_network, network_card
from .certificate_files import identity


def check_network(problem: Problem, request: CheckRequest) -> list[tuple[Path, Check]]:
    """Calibration of a problem's network.

    Args:
        problem: The problem, with the network in its settings.
        request: Data sets, draws, seed; ``guidance`` among the extras.

    Returns:
        The network's card and its check.

    Raises:
        InputError: If the network is wrong, or an option is.
    """
    from .network_trials import NODES, network_answers

    guidance = guidance_of(request)
    card = network_card(problem)
    load_network(problem)  # refuse a wrong one before anything is written
    asked = {
        "study": problem.plain_settings(),
        "simulations": request.simulations,
        "draws": request.draws,
        "guidance": guidance,
        "nodes": NODES,
        "network": identity(card),
        "seed": request.seed,
    }
    folder = writable_folder(request.out) / ".stages" / fingerprint(asked)
    answers = network_answers(
        problem, request.simulations, request.draws, request.seed, folder, guidance
    )
    scale = "" if guidance == 1 else f", guidance scale {guidance:g}"
    about: dict[str, Any] = {"network": identity(card), "guidance": guidance, "nodes": NODES}
    if request.extras.get("conformal"):
        from .conformal_check import calibrated_by_halves

        about["conformal"] = calibrated_by_halves(answers.trials)
    return [(card, judged(answers, f"{card.stem}{scale}", about))]


def guidance_of(request: CheckRequest) -> float:
    """The guidance scale that was asked for; 1 by default.

    Raises:
        InputError: If it is no number.
    """
    value = request.extras.get("guidance")
    try:
        return 1.0 if value is None else float(value)
    except (TypeError, ValueError):
        raise InputError(f"--guidance {value!r}: give a number, such as 1") from None
