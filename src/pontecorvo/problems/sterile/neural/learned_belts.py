"""Regions of confidence by learned critical values: no toys at the time of the run.

A belt is good for the data of all experiments that its networks were trained for: critical values
depend on which data are simulated. Fewer experiments have no belt here.
"""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ....base.errors import InputError
from ....base.files import sha256
from ....flows.torch_threads import map_torch
from ....frequentist.plane import Plane
from ....frequentist.quantile_belt import BeltSettings, QuantileBelt
from ....frequentist.trial_region import LEVELS
from .bundle import Bundle
from .embedding import Reading
from .plane_flows import RECIPES
from .ratio import KINDS, load_ratios
from .simulated import HIGH, LOW
from .statistics import Statistic, find_tops, of_maps, of_posterior, of_ratio

RETRAIN = "pontecorvo train sterile --belts --overwrite --out FOLDER"
MAPS_TITLE = "closed-form map"
CHUNK = 512
"""Points at a time."""


@dataclass(frozen=True)
class LearnedRegion:
    """Regions of one data set by one statistic.

    Attributes:
        statistic: t at the points (N,).
        critical: Critical values (N, L) at `LEVELS`.
        card: How the belt was made and what it covers.
    """

    statistic: np.ndarray
    critical: np.ndarray
    card: dict[str, Any]

    def margin(self, level: float) -> np.ndarray:
        """Statistic less critical value (N,): negative inside."""
        return self.statistic - self.critical[:, LEVELS.index(level)]

    def inside(self, level: float) -> np.ndarray:
        """Which points (N,) the region holds."""
        return self.margin(level) <= 0


def statistics_of(bundle: Bundle) -> dict[str, Statistic]:
    """The statistic of the closed-form map and of every network that lies in the folder."""
    result: dict[str, Statistic] = {"maps": of_maps(bundle.embedding)}
    ratios = load_ratios(bundle.folder, bundle.embedding)
    result |= {kind: of_ratio(estimator) for kind, estimator in ratios.items()}
    return result | {kind: of_posterior(own) for kind, own in bundle.posteriors.items()}


def made_for(folder: Path, kind: str) -> dict[str, str]:
    """SHA-256 of a belt, and of the networks whose statistic it is for.

    Raises:
        OSError: If a file is missing.
    """
    result = {"belt": sha256(folder / f"belt-{kind}.npz")}
    result["embedding"] = sha256(folder / "embedding.safetensors")
    if kind in RECIPES:
        card = json.loads((folder / f"{kind}.json").read_text(encoding="utf-8"))
        result["weights"] = str(card["weights_sha256"])
    elif kind in KINDS:
        result["weights"] = sha256(folder / f"{kind}.safetensors")
    return result


def load_belts(folder: Path) -> dict[str, tuple[QuantileBelt, dict[str, Any]]]:
    """Belts of a folder with their cards, by kind; none where ``belts.json`` is not there.

    Raises:
        InputError: If files are damaged, or belong to other networks.
    """
    path = folder / "belts.json"
    if not path.is_file():
        return {}
    result, fits = {}, True
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        own = dict(kept["settings"]["belt"])
        settings = BeltSettings(**own | {"frequencies": tuple(own["frequencies"])})
        for kind, card in kept["belts"].items():
            belt = QuantileBelt(LOW, HIGH, settings=settings)
            belt.load(folder / f"belt-{kind}.npz")
            fits = fits and card["made_for"] == made_for(folder, kind)
            result[kind] = belt, dict(card)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile):
        raise InputError(f"{path}: is damaged; train again: {RETRAIN}") from None
    if not fits:
        raise InputError(f"{path}: is for other networks than lie beside it; train: {RETRAIN}")
    return result


def learned_regions(
    bundle: Bundle, data: np.ndarray, points: np.ndarray
) -> dict[str, LearnedRegion]:
    """Regions of a data set (B,) of all experiments at points (N, 2), by kind of statistic.

    Empty where the folder holds no belts, or the bundle has fewer experiments than its networks.
    """
    if set(bundle.embedding.maps.names) != set(bundle.embedding.known):
        return {}
    belts = load_belts(bundle.folder)
    known = bundle.embedding(data, bundle.embedding.maps.names)
    tops = find_tops(bundle.embedding, known)
    result = {}
    for kind, statistic in statistics_of(bundle).items():
        if kind in belts:
            belt, card = belts[kind]
            own = observed(statistic, known, points, tops)
            result[kind] = LearnedRegion(own, belt.critical(points), card)
    return result


def observed(
    statistic: Statistic, known: Reading, points: np.ndarray, tops: np.ndarray | None = None
) -> np.ndarray:
    """Statistic (N,) of one data set at points (N, 2), a few at a time."""
    starts = range(0, len(points), CHUNK)
    parts = map_torch(lambda k: statistic(known, points[None, k : k + CHUNK], tops)[0], starts)
    return np.concatenate(list(parts))


def overlaps(
    regions: Mapping[str, LearnedRegion], others: Mapping[float, np.ndarray]
) -> dict[str, dict[float, float]]:
    """Intersection over union with other regions, level -> inside (N,), at the same points."""
    result: dict[str, dict[float, float]] = {}
    for kind, region in regions.items():
        result[kind] = {}
        for level, other in others.items():
            own = region.inside(level)
            union = int(np.sum(own | other))
            result[kind][level] = float(np.sum(own & other) / union) if union else 1.0
    return result


def drawing_plane(shape: tuple[int, int] = (36, 160)) -> Plane:
    """Centres of cells of log10 s22 above -3 and log10 dm2: a flow's density errs at the faces."""
    low = np.array([-3.0, LOW[1]])
    half = 0.5 * (HIGH - low) / shape
    names = ("log10_s22", "log10_dm2")
    x, y = zip(names, low + half, HIGH - half, strict=True)
    return Plane.regular(shape, x, y)
