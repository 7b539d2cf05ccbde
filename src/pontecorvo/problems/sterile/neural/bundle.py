"""Networks in a folder: one embedding, the flows that read it, and what they were trained for.

``embedding.json`` (experiments, settings, mark of the arrays) is written last; the arrays lie in
``embedding.safetensors``, the flows beside them (`flows.store`). A network is good
for the experiments it has seen as they were then: predictions, responses and covariances at a few
points are kept, and an experiment that says something else is told (`unfit`), and refused if asked.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ....base.errors import InputError
from ....base.files import atomic_path, sha256, write_json
from ..experiment import Experiment
from .embedding import Embedding
from .plane_flows import RECIPES, NeuralPosterior
from .ratio_maps import RatioMaps, summary_plane

FORMAT = "pontecorvo-sterile-networks"
SHIPPED = Path(__file__).parents[1] / "networks" / "plane"
RETRAIN = "pontecorvo train sterile --out FOLDER"
_PROBES = np.array([0.0, 0.05, 0.3]), np.array([0.4, 1.7, 0.06])
_SAME = 5e-4  # of a prediction; a finer axis of RENO and Double Chooz moves theirs by up to 3.8e-4


def probe(experiment: Experiment) -> np.ndarray:
    """Numbers (P,) that tell an experiment from itself under other settings."""
    s22, dm2 = _PROBES
    parts = [experiment.predict(s22, dm2).ravel(), experiment.response(s22[:2], dm2[:2]).ravel()]
    if experiment.statistic == "gaussian" and experiment.fixed_covariance:
        covariance = experiment.covariance()
        parts += [np.diagonal(covariance), covariance.sum(axis=1)]
    scale = getattr(experiment, "scale_sigma", None)
    if scale is not None:
        parts.append(np.append(scale, float(getattr(experiment, "prior", "") == "box")))
    return np.concatenate(parts)


@dataclass(frozen=True)
class Bundle:
    """Networks that read one embedding.

    Attributes:
        folder: Where they lie.
        embedding: What they read; its maps are those of the experiments at hand.
        posteriors: By kind.
        card: Content of ``embedding.json``.
    """

    folder: Path
    embedding: Embedding
    posteriors: dict[str, NeuralPosterior]
    card: dict[str, Any]


def save_embedding(folder: Path, embedding: Embedding, about: dict[str, Any]) -> None:
    """Write the embedding of freshly trained networks, with the probes of its experiments."""
    from safetensors.numpy import save_file

    arrays = embedding.arrays()
    arrays |= {f"probe.{e.name}": probe(e) for e in embedding.maps.joint.experiments}
    path = folder / "embedding.safetensors"
    with atomic_path(path) as temporary:
        save_file({name: np.ascontiguousarray(a) for name, a in arrays.items()}, temporary)
    write_json(
        folder / "embedding.json",
        {"format": FORMAT, **embedding.describe(), **about, "arrays_sha256": sha256(path)},
    )


def _read(folder: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    card_path, path = folder / "embedding.json", folder / "embedding.safetensors"
    if not card_path.is_file() or not path.is_file():
        raise InputError(f"networks {folder}: there are none; make them with: {RETRAIN}")
    try:
        card = json.loads(card_path.read_text(encoding="utf-8"))
        good = card["format"] == FORMAT and card["arrays_sha256"] == sha256(path)
        good = good and all(isinstance(name, str) for name in card["experiments"])
        good = good and sorted(card["plane"]) == ["x", "y"]
        arrays = load_file(path)
    except (ValueError, KeyError, TypeError, SafetensorError, RecursionError):
        good = False
    if not good:
        raise InputError(f"networks {folder}: are damaged; fetch them again or train: {RETRAIN}")
    return card, arrays


def read_card(folder: Path) -> dict[str, Any]:
    """What is written of the networks of a folder.

    Raises:
        InputError: If they are missing or damaged.
    """
    return _read(folder)[0]


def known_experiments(folder: Path) -> tuple[str, ...]:
    """Which experiments the networks of a folder have seen."""
    return tuple(_read(folder)[0]["experiments"])


def unfit(folder: Path, experiments: Sequence[Experiment]) -> dict[str, str]:
    """Experiments for which the networks of a folder are no good, each with the reason."""
    card, arrays = _read(folder)
    result = {}
    for experiment in experiments:
        if experiment.name not in card["experiments"]:
            result[experiment.name] = "the networks have not seen it"
            continue
        now, then = probe(experiment), arrays[f"probe.{experiment.name}"]
        if now.shape != then.shape or not np.allclose(now, then, rtol=_SAME, atol=1e-9):
            result[experiment.name] = "the networks were trained for other settings of it"
    return result


def load_bundle(
    folder: Path,
    experiments: Sequence[Experiment],
    kinds: Sequence[str] | None = None,
    strict: bool = False,
) -> Bundle:
    """Networks for some of the experiments that they were trained for.

    Args:
        folder: Where they lie.
        experiments: What there are data of.
        kinds: Which networks; those that are there by default.
        strict: Refuse experiments with other settings than in training. By default they are taken,
            as a run takes them: networks read the data's map under the likelihood in force, and
            draws are weighed by it (`trained_settings`).

    Raises:
        InputError: If files are missing or damaged, or the networks do not fit an experiment.
    """
    bad = unfit(folder, experiments)
    if not strict:
        seen = _read(folder)[0]["experiments"]
        bad = {name: why for name, why in bad.items() if name not in seen}
    if bad:
        name, why = next(iter(bad.items()))
        raise InputError(f"networks {folder}: {name}: {why}; train with: {RETRAIN}")
    card, arrays = _read(folder)
    maps = RatioMaps(experiments, summary_plane(**card["plane"]))
    embedding = Embedding.from_arrays(maps, card["experiments"], arrays)
    if kinds is None:
        kinds = [kind for kind in RECIPES if (folder / f"{kind}.json").is_file()]
    posteriors = {kind: NeuralPosterior.load(folder, kind, embedding) for kind in kinds}
    return Bundle(folder, embedding, posteriors, card)


def with_experiments(bundle: Bundle, experiments: Sequence[Experiment]) -> Bundle:
    """The same networks for other experiments (checked before)."""
    maps = RatioMaps(experiments, bundle.embedding.maps.plane)
    embedding = replace(bundle.embedding, maps=maps)
    posteriors = {
        kind: NeuralPosterior(embedding, posterior.flow, kind)
        for kind, posterior in bundle.posteriors.items()
    }
    return Bundle(bundle.folder, embedding, posteriors, bundle.card)
