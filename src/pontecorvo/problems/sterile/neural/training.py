"""Train the networks of the sterile study: simulate, embed, train, keep.

Killed at any moment, the same call takes up where it was and ends in the same bytes: the embedding,
the simulations and every few hundred steps of each training are kept in ``.stages``.
"""

import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from ....base.errors import InputError, suggest
from ....base.files import fingerprint, kept_arrays, plain, save_arrays, writable_folder, write_json
from ....flows.torch_threads import one_thread
from ..experiment_registry import SHIPPED, Setting, expand, load_experiments
from .belt_training import BeltsSize, train_belts
from .bundle import known_experiments, load_bundle, save_embedding
from .embedding import COMPONENTS, Embedding
from .plane_flows import RECIPES, TRAIN, NeuralPosterior
from .ratio_maps import RatioMaps
from .simulated import Bank, fit_embedding, make_bank
from .trained_settings import trained_experiments


@dataclass(frozen=True)
class TrainingSize:
    """How much is simulated and trained.

    Attributes:
        simulations: Data sets to train on.
        held_out: Data sets to validate on.
        embedding: Data sets that the embedding's directions are found on.
        components: Principal components of the tempered maps.
        steps: Steps of each training.
        batch: Data sets a step.
        learning_rate: The largest.
        belts: How much for ratio networks and belts; None for none.
    """

    simulations: int = 150_000
    held_out: int = 8_192
    embedding: int = 8_192
    components: tuple[int, int] = COMPONENTS
    steps: int = 6_000
    batch: int = 512
    learning_rate: float = 1e-3
    belts: BeltsSize | None = field(default_factory=BeltsSize)


def train_sterile(
    out: Path | str,
    experiments: str | Sequence[str] = SHIPPED,
    setting: Setting | None = None,
    kinds: Sequence[str] = ("fmpe", "npse"),
    size: TrainingSize | None = None,
    seed: int = 1,
    show: bool | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Train networks for any subset of the given experiments.

    Args:
        out: Folder for the networks; ``.stages`` in it keeps what a killed run has done.
        experiments: Names, comma-separated or listed, groups allowed.
        setting: What is chosen for all experiments.
        kinds: ``fmpe`` and ``npse``.
        size: How much; by default what the shipped networks were made with.
        seed: Seed of everything.
        show: Progress bars and tables or not; by default on a terminal.
        say: Called with a line after every stage.

    Returns:
        Seconds of every stage done now.

    Raises:
        InputError: If a name is unknown, or the folder cannot be written to.
    """
    size = size or TrainingSize()
    for kind in kinds:
        if kind not in RECIPES:
            raise InputError(f"estimator {kind!r} is unknown; {suggest(kind, list(RECIPES))}")
    names = expand(experiments, setting.data if setting else None)
    loaded = load_experiments(names, setting)
    out = writable_folder(Path(out))
    mark = fingerprint([names, plain(asdict(setting or Setting())), asdict(size), seed])
    stages = out / ".stages" / mark
    timed = _Timed(stages, say)
    maps = RatioMaps(loaded)
    embedding = timed("embedding", lambda: _embedding(maps, stages, size, seed))
    bank, held_out = timed("simulations", lambda: _banks(embedding, stages, size, seed, show))
    for kind in kinds:
        posterior = NeuralPosterior.untrained(embedding, kind, seed)
        recipe = replace(
            TRAIN,
            steps=size.steps,
            batch=size.batch,
            learning_rate=size.learning_rate,
            seed=seed,
        )
        checkpoint = stages / f"{kind}.safetensors"
        work = partial(posterior.fit, bank, recipe, held_out, checkpoint, show)
        with one_thread():
            timed(f"train {kind}", work)
        posterior.save(out)
    kept = plain(asdict(replace(setting or Setting(), data=None)))
    about = {"settings": plain(asdict(size)), "setting": kept, "seed": seed}
    save_embedding(out, embedding, about)
    # what was written can be read, or we say so now
    bundle = load_bundle(out, loaded, kinds, strict=True)
    if size.belts is not None:
        train_belts(bundle, stages, size.belts, seed, show, timed)
    shutil.rmtree(stages.parent, ignore_errors=True)
    write_json(out / "seconds.json", timed.seconds)
    return timed.seconds


def train_sterile_belts(
    out: Path | str,
    setting: Setting | None = None,
    size: BeltsSize | None = None,
    seed: int = 1,
    show: bool | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Train ratio networks and belts for the flows that lie in a folder; these stay as they are.

    Args:
        out: The folder; ``.stages`` in it keeps what a killed run has done.
        setting: What was chosen for its experiments.
        size: How much.
        seed: Seed of everything.
        show: Progress bars and tables or not; by default on a terminal.
        say: Called with a line after every stage.

    Returns:
        Seconds of every stage, those of the flows as they were kept.

    Raises:
        InputError: If there are no flows, they are damaged, or the folder cannot be written to.
    """
    size, out = size or BeltsSize(), Path(out)
    bundle = load_bundle(out, trained_experiments(out, known_experiments(out)), strict=True)
    writable_folder(out)
    mark = fingerprint([bundle.card, asdict(size), seed])
    stages = out / ".stages" / f"belts-{mark}"
    timed = _Timed(stages, say)
    train_belts(bundle, stages, size, seed, show, timed)
    seconds = _kept_seconds(out / "seconds.json") | timed.seconds
    shutil.rmtree(stages, ignore_errors=True)
    if not any(stages.parent.iterdir()):
        stages.parent.rmdir()
    write_json(out / "seconds.json", seconds)
    return seconds


class _Timed:
    """Runs stages, keeps their seconds, and says them."""

    def __init__(self, stages: Path, say: Callable[[str], None]) -> None:
        self.path, self.say = stages / "seconds.json", say
        self.kept, self.seconds = _kept_seconds(self.path), dict[str, float]()

    def __call__(self, stage: str, work: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        result = work()
        spent = round(time.perf_counter() - start, 1)
        # a stage that was kept by a killed run took what it took then
        self.seconds[stage] = max(spent, self.kept.get(stage, 0.0))
        write_json(self.path, self.kept | self.seconds)
        self.say(f"{stage}: {self.seconds[stage]:.0f} s")
        return result


def _kept_seconds(path: Path) -> dict[str, float]:
    try:
        return {str(k): float(v) for k, v in json.loads(path.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _embedding(maps: RatioMaps, stages: Path, size: TrainingSize, seed: int) -> Embedding:
    path = stages / "embedding.npz"
    kept = kept_arrays(path)
    if kept is not None:
        return Embedding.from_arrays(maps, maps.names, kept)
    embedding = fit_embedding(maps, size.embedding, seed, size.components)
    save_arrays(path, **embedding.arrays())
    return embedding


def _banks(
    embedding: Embedding, stages: Path, size: TrainingSize, seed: int, show: bool | None
) -> tuple[Bank, Bank]:
    bank = make_bank(embedding, size.simulations, seed + 2, stages / "bank.npz", show=show)
    held_out = make_bank(
        embedding, size.held_out, seed + 1_000_003, stages / "held-out.npz", show=show
    )
    return bank, held_out
