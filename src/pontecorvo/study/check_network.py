"""The certificate of a seesaw network: simulated measurements with known truth."""

from pathlib import Path

from ..base.files import fingerprint, writable_folder
from ..diagnostics.calibration import judged
from ..diagnostics.certificate import Check
from ..problems.seesaw.model import Seesaw
from .catalog import load_settings
from .certificate_files import identity
from .networks import load_network, shipped_card


def check_seesaw(
    study: str,
    out: Path,
    simulations: int,
    draws: int,
    seed: int,
    guidance: float = 1.0,
    network: Path | None = None,
) -> list[tuple[Path, Check]]:
    """Calibration of a seesaw study's network.

    Args:
        study: Name or YAML file.
        out: Folder, made when all is known to be right; ``.stages`` in it keeps blocks.
        simulations: Data sets.
        draws: Draws for each.
        seed: Seed of everything.
        guidance: Guidance scale of the network.
        network: Card of a network; None: the study's.

    Returns:
        The network's card and its check.

    Raises:
        InputError: If the study or the network is wrong.
    """
    from .network_trials import NODES, seesaw_answers

    settings = load_settings(study, network={"file": network})
    model = settings.build().model
    assert isinstance(model, Seesaw)
    card = settings.network.file or shipped_card(model)
    load_network(model, card)  # refuse a wrong one before anything is written
    asked = {
        "study": settings.model_dump(mode="json"),
        "simulations": simulations,
        "draws": draws,
        "guidance": guidance,
        "nodes": NODES,
        "network": identity(card),
        "seed": seed,
    }
    folder = writable_folder(out) / ".stages" / fingerprint(asked)
    answers = seesaw_answers(settings, simulations, draws, seed, folder, guidance)
    scale = "" if guidance == 1 else f", guidance scale {guidance:g}"
    about = {"network": identity(card), "guidance": guidance, "nodes": NODES}
    return [(card, judged(answers, f"{card.stem}{scale}", about))]
