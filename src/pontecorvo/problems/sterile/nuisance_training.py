"""Train the network of the plane and every named pull: simulate, train, keep.

Killed at any moment, the same call takes up where it was and ends in the same bytes: simulations
and every few hundred steps are kept in ``.stages``.
"""

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ...base.files import fingerprint, plain, writable_folder
from .experiment_registry import SHIPPED, Setting, expand, load_experiments
from .neural.nuisance_posterior import SIMULATIONS, TRAINING, NuisancePosterior
from .neural.nuisances import NuisanceStudy
from .neural.ratio_maps import RatioMaps
from .nuisance_study import GAUSSIAN


@dataclass(frozen=True)
class NuisanceSize:
    """How much is simulated and trained.

    Attributes:
        simulations: Data sets to train on.
        held_out: Data sets to validate on.
        steps: Steps of the training.
    """

    simulations: int = SIMULATIONS
    held_out: int = 4096
    steps: int = TRAINING.steps


def gaussian_scales(setting: Setting) -> Setting:
    """The same with energy scales as Gaussian pulls, and what ships in place of a data folder."""
    options = {**dict(setting.options), GAUSSIAN[0]: GAUSSIAN[1]}
    return replace(setting, data=None, options=tuple(options.items()))


def train_nuisances(
    out: Path | str,
    experiments: str | Sequence[str] = SHIPPED,
    setting: Setting | None = None,
    size: NuisanceSize | None = None,
    seed: int = 1,
    show: bool | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> NuisancePosterior:
    """Simulate, train, and write ``nuisances.json``, its weights and ``study.json`` to `out`.

    Args:
        out: Folder; ``.stages`` in it keeps what a killed run has done.
        experiments: Names.
        setting: What was chosen for them; energy scales become Gaussian pulls.
        size: How much.
        seed: Seed of everything.
        show: Progress bars or not; by default on a terminal.
        say: Called with a line after every stage.

    Raises:
        InputError: If a name is unknown, or the folder cannot be written to.
    """
    size, setting = size or NuisanceSize(), gaussian_scales(setting or Setting())
    names = expand(experiments, setting.data)
    study = NuisanceStudy(RatioMaps(load_experiments(names, setting)))
    say(f"{study.dim} parameters: {', '.join(study.names)}")
    out = writable_folder(Path(out))
    stages = out / ".stages" / fingerprint([names, plain(asdict(setting)), asdict(size), seed])
    start = time.perf_counter()
    bank = study.bank(size.simulations, seed + 30, stages / "bank.npz")
    held_out = study.bank(size.held_out, seed + 1_000_030, stages / "held-out.npz")
    say(f"{len(bank.rows):,} simulations: {time.perf_counter() - start:.0f} s")
    posterior = NuisancePosterior.untrained(study, seed)
    recipe = replace(TRAINING, steps=size.steps, seed=seed)
    posterior.fit(bank, recipe, held_out, stages / "training.safetensors", show)
    posterior.save(out)
    say(f"{size.steps:,} steps: {time.perf_counter() - start:.0f} s")
    shutil.rmtree(stages.parent, ignore_errors=True)
    return posterior
