"""Train ratio networks and belts beside the flows of a folder; resumable, the same bytes.

The statistic of every estimator is worked out block by block on simulations of the joint fit over
the whole prior, so that only numbers are kept: (theta, t) of each. The first share trains the
belts, the second sets their factors, and the third, which no belt has seen, checks their coverage.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ....base.files import fingerprint, kept_arrays, save_arrays, write_json
from ....base.parallel import collect, one_blas_thread
from ....base.progress import progress
from ....base.seeds import stream
from ....flows.torch_threads import one_thread
from ....frequentist.quantile_belt import BeltSettings, QuantileBelt, belt_coverage
from .bundle import Bundle
from .learned_belts import made_for, statistics_of
from .ratio import KINDS, RatioEstimator, RatioSettings, load_ratios
from .ratio_bank import make_ratio_bank
from .simulated import HIGH, LOW, simulate
from .statistics import Statistic, find_tops

BLOCK = 256


@dataclass(frozen=True)
class BeltsSize:
    """How much is simulated and trained.

    Attributes:
        ratio_bank: Data sets for the ratio networks.
        ratio_held_out: Data sets on which they are compared with the map alone.
        ratio: Their size and training.
        belt: Size and training of a belt.
        simulations: Data sets to train belts of map and ratios on; of flows, which are dearer.
        conformed: Data sets to set their factors by, likewise.
        checked: Data sets to check coverage on, likewise.
    """

    ratio_bank: int = 20_480
    ratio_held_out: int = 4_096
    ratio: RatioSettings = field(default_factory=RatioSettings)
    belt: BeltSettings = field(default_factory=BeltSettings)
    simulations: tuple[int, int] = (20_480, 8_192)
    conformed: tuple[int, int] = (4_096, 4_096)
    checked: tuple[int, int] = (4_096, 4_096)


def train_belts(
    bundle: Bundle,
    stages: Path,
    size: BeltsSize | None = None,
    seed: int = 1,
    show: bool | None = None,
    timed: Callable[[str, Callable[[], Any]], Any] | None = None,
) -> None:
    """Write NRE, DNRE, and a belt for every statistic to the bundle's folder.

    Args:
        bundle: Networks that lie in the folder already, for all their experiments.
        stages: Where finished pieces are kept.
        size: How much.
        seed: Seed.
        show: Progress bars or not.
        timed: Runs a stage under a name; by default just runs it.
    """
    size, out = size or BeltsSize(), bundle.folder
    run = timed or (lambda _, work: work())
    embedding = bundle.embedding
    bank = run(
        "simulate ratios",
        lambda: make_ratio_bank(
            embedding, size.ratio_bank, seed + 11, path=stages / "ratio-bank.npz", show=show
        ),
    )
    held_out = make_ratio_bank(
        embedding, size.ratio_held_out, seed + 13, path=stages / "ratio-held-out.npz", show=show
    )
    for kind in KINDS:
        estimator = RatioEstimator(embedding, kind, replace(size.ratio, seed=seed))
        path = stages / f"ratio-{kind}.npz"
        run(f"train {kind}", partial(estimator.fit, bank, path))
        # a network that learns nothing beyond the map is as good as the map, and its card says so
        estimator.calibration = {
            "held_out_loss": estimator.loss(held_out),
            "held_out_loss_of_the_map": RatioEstimator(embedding, kind, estimator.settings).loss(
                held_out
            ),
        }
        estimator.save(out)
    values = run("statistics", lambda: belt_statistics(bundle, stages, size, seed, show))
    run("belts", lambda: _regress(values, out, size, seed))


def belt_statistics(
    bundle: Bundle, stages: Path, size: BeltsSize, seed: int, show: bool | None = None
) -> dict[str, dict[str, np.ndarray]]:
    """Kind -> points (N, 2) and statistic (N,) to train on, to conform by and to check on."""
    made = {**bundle.posteriors, **load_ratios(bundle.folder, bundle.embedding)}
    marks = [bundle.folder / f"{kind}.json" for kind in sorted(made)]
    mark = fingerprint([asdict(size), seed, [path.read_text("utf-8") for path in marks]])
    every = statistics_of(bundle)
    flows = {kind: every[kind] for kind in bundle.posteriors}
    cheap = {kind: value for kind, value in every.items() if kind not in flows}
    result: dict[str, dict[str, np.ndarray]] = {kind: {} for kind in every}
    jobs = [
        ("train", 0, *size.simulations),
        ("conform", 1, *size.conformed),
        ("check", 2, *size.checked),
    ]
    blocks = sum(-(-cheap_n // BLOCK) for _, _, cheap_n, _ in jobs)
    with one_blas_thread(), one_thread(), progress("statistics", blocks, enabled=show) as advance:
        for word, number, many, few in jobs:

            def block(
                index: int, word: str = word, number: int = number, few: int = few
            ) -> dict[str, np.ndarray]:
                path = stages / "statistics" / f"{mark}-{word}-{index}.npz"
                kept = kept_arrays(path)
                if kept is None:
                    chosen = every if index * BLOCK < few else cheap
                    kept = _block(bundle, chosen, seed, number, index)
                    save_arrays(path, **kept)
                return kept

            found = collect(block, range(-(-many // BLOCK)), advance)
            for kind in every:
                own = [arrays for arrays in found if kind in arrays]
                result[kind][f"{word} theta"] = np.concatenate([a["theta"] for a in own])
                result[kind][word] = np.concatenate([a[kind] for a in own])
    return result


def _block(
    bundle: Bundle, chosen: dict[str, Statistic], seed: int, number: int, index: int
) -> dict[str, np.ndarray]:
    maps = bundle.embedding.maps
    theta, data = simulate(maps, BLOCK, stream(seed, "belt-bank", number, index))
    known = bundle.embedding(data, maps.names)
    tops = find_tops(bundle.embedding, known)
    found = {kind: value(known, theta[:, None], tops)[:, 0] for kind, value in chosen.items()}
    return {"theta": theta, **found}


def _regress(
    values: dict[str, dict[str, np.ndarray]], out: Path, size: BeltsSize, seed: int
) -> None:
    cards = {}
    for kind, own in values.items():
        belt = QuantileBelt(LOW, HIGH, settings=replace(size.belt, seed=seed))
        belt.fit(own["train theta"], own["train"])
        belt.conform(own["conform theta"], own["conform"])
        belt.save(out / f"belt-{kind}.npz")
        check = belt_coverage(belt, own["check theta"], own["check"])
        cards[kind] = {
            "simulations": len(own["train"]) + len(own["conform"]),
            "factors": belt.factors.tolist(),
            "coverage": check.describe(),
            "made_for": made_for(out, kind),
        }
    write_json(out / "belts.json", {"settings": asdict(size), "seed": seed, "belts": cards})
