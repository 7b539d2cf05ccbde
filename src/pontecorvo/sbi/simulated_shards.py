"""Simulations of a model's prior in shards on disk: written by many, read through memory maps.

Draws come in blocks, each with its own stream, and a shard is some blocks in one file; so neither
the size of shards nor who writes them changes a number. A shard is a plain `.npy` file of
observables (N, K), which is mapped and not read; parameters are kept too where that is asked for,
and else drawn again from the seed. Memory is that of one shard, whatever the number of simulations.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..base.errors import InputError, check_whole
from ..base.files import atomic_path, plain, sha256
from ..base.seeds import stream
from ..base.shards import read_manifest
from ..core.model import Model

BLOCK = 1 << 16
"""Simulations of one stream; a shard holds a whole number of blocks."""
SHARD = 1 << 20
MANIFEST = "simulations.json"
FORMAT = "pontecorvo-simulations"
Precision = Literal["float32", "float64"]


@dataclass(frozen=True)
class Plan:
    """What is simulated, and how it is cut.

    Attributes:
        draws: Number of simulations.
        seed: Seed of everything.
        precision: Type of the stored numbers; they are computed in float64.
        keep_parameters: Store the parameters (N, P) too.
        shard: Simulations of one file, a multiple of `BLOCK`.
    """

    draws: int
    seed: int = 0
    precision: Precision = "float32"
    keep_parameters: bool = False
    shard: int = SHARD

    def __post_init__(self) -> None:
        check_whole(draws=(self.draws, 1), seed=(self.seed, 0))
        if self.precision not in ("float32", "float64"):
            raise InputError(f"precision: {self.precision!r}; give float32 or float64")
        if self.shard < BLOCK or self.shard % BLOCK:
            raise InputError(f"shard: {self.shard} is not allowed (a multiple of {BLOCK})")

    @property
    def firsts(self) -> range:
        """Number of the first simulation of each shard."""
        return range(0, self.draws, self.shard)

    def rows(self, first: int) -> int:
        """Simulations of the shard that begins at `first`."""
        return min(self.shard, self.draws - first)


def parameters_of(model: Model, seed: int, block: int) -> np.ndarray:
    """The parameters (BLOCK, P) of a block, drawn from its stream."""
    return model.prior.sample(BLOCK, stream(seed, "simulate", block))


def shard_files(plan: Plan, first: int) -> dict[str, str]:
    """Names of the files of a shard, by what they hold."""
    kinds = ("observables", "parameters") if plan.keep_parameters else ("observables",)
    return {kind: f"{kind}-{first // plan.shard:06d}.npy" for kind in kinds}


def write_shard(model: Model, plan: Plan, folder: Path, first: int) -> dict[str, Any]:
    """Simulate a shard unless its files are there, and say what it is: an entry of the manifest."""
    rows, names = plan.rows(first), shard_files(plan, first)
    width = {"observables": len(model.observables), "parameters": len(model.parameters)}
    paths = {kind: folder / name for kind, name in names.items()}
    if not all(_is_whole(paths[k], (rows, width[k]), plan.precision) for k in names):
        arrays = {kind: np.empty((rows, width[kind]), dtype=plan.precision) for kind in names}
        for at in range(0, rows, BLOCK):
            count = min(BLOCK, rows - at)
            theta = parameters_of(model, plan.seed, (first + at) // BLOCK)[:count]
            arrays["observables"][at : at + count] = model.forward(theta)
            if "parameters" in arrays:
                arrays["parameters"][at : at + count] = theta
        for kind, array in arrays.items():
            with atomic_path(paths[kind]) as temporary, open(temporary, "wb") as stream_:
                np.save(stream_, array, allow_pickle=False)
    kept = np.load(paths["observables"], mmap_mode="r", allow_pickle=False)
    return {
        "id": first // plan.shard,
        "range": [first, first + rows],
        "without_observables": int(np.isnan(kept).any(axis=1).sum()),
        "files": {
            kind: {"name": name, "sha256": sha256(paths[kind])} for kind, name in names.items()
        },
    }


def _is_whole(path: Path, shape: tuple[int, int], precision: str) -> bool:
    """Whether a file holds an array of that shape; files are renamed into place when whole."""
    try:
        kept = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return False
    return kept.shape == shape and kept.dtype == np.dtype(precision)


class SimulatedShards:
    """Simulations in a folder, read through memory maps.

    Args:
        folder: What ``pontecorvo simulate`` has written.
        model: The model; parameters that were not kept are drawn again from its prior.

    Raises:
        InputError: If there are none, they are not complete, or of another model.
    """

    def __init__(self, folder: Path | str, model: Model) -> None:
        self.folder, self.model = Path(folder), model
        content = read_manifest(self.folder / MANIFEST)
        if content.get("format") != FORMAT:
            raise InputError(f"{self.folder}: holds no simulations ({MANIFEST})")
        if not content.get("complete"):
            raise InputError(f"{self.folder}: is not complete; give the same command again")
        if content.get("model") != plain(model.describe()):
            raise InputError(f"{self.folder}: holds simulations of another model or prior")
        try:
            self.plan = Plan(**content["plan"])
            self.entries: list[dict[str, Any]] = content["shards"]
            names = [entry["files"]["observables"]["name"] for entry in self.entries]
        except (KeyError, TypeError):
            raise InputError(f"{self.folder}: its {MANIFEST} is damaged") from None
        if len(names) != len(self.plan.firsts):
            raise InputError(f"{self.folder}: its {MANIFEST} is damaged")
        self._mapped = lru_cache(maxsize=8)(self._map)

    def __len__(self) -> int:
        return self.plan.draws

    @property
    def blocks(self) -> int:
        """Number of blocks, the last of which may be shorter."""
        return -(-self.plan.draws // BLOCK)

    def _map(self, kind: str, shard: int) -> np.ndarray:
        entry = self.entries[shard]
        path = self.folder / Path(entry["files"][kind]["name"]).name
        rows = self.plan.rows(shard * self.plan.shard)
        width = len(self.model.observables if kind == "observables" else self.model.parameters)
        if not _is_whole(path, (rows, width), self.plan.precision):
            raise InputError(f"{path}: is missing or damaged; give the same command again")
        kept: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
        return kept

    def _rows(self, kind: str, block: int) -> np.ndarray:
        shard, at = divmod(block * BLOCK, self.plan.shard)
        return np.asarray(self._mapped(kind, shard)[at : at + BLOCK], dtype=float)

    def observables(self, block: int) -> np.ndarray:
        """Observables (n, K) of a block, in float64."""
        return self._rows("observables", block)

    def parameters(self, block: int) -> np.ndarray:
        """Parameters (n, P) of a block: kept ones (rounded as stored), or drawn again."""
        if self.plan.keep_parameters:
            return self._rows("parameters", block)
        count = min(BLOCK, self.plan.draws - block * BLOCK)
        return parameters_of(self.model, self.plan.seed, block)[:count]

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Parameters and observables, block by block."""
        for block in range(self.blocks):
            yield self.parameters(block), self.observables(block)

    def verify(self) -> None:
        """Compare every file with its SHA-256.

        Raises:
            InputError: If one differs.
        """
        for entry in self.entries:
            for kept in entry["files"].values():
                path = self.folder / Path(kept["name"]).name
                if not path.is_file() or sha256(path) != kept["sha256"]:
                    raise InputError(f"{path}: is not what {MANIFEST} says")
