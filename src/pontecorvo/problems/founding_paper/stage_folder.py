"""Where a run of the recipe keeps finished stages, and how long each took."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ...base.files import cached_arrays, write_json


class StageFolder:
    """Where finished stages are kept; without a path, nowhere. Counts the seconds of stages."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._here: dict[str, float] = {}

    def arrays(self, name: str, compute: Callable[[], dict[str, np.ndarray]]) -> dict:
        """Arrays of that name: read, or computed and kept."""
        return compute() if self.path is None else cached_arrays(self.path / name, compute)

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds by stage, those of killed attempts left out."""
        if self.path is None:
            return dict(self._here)
        file = self.path / "seconds.json"
        return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Count the seconds of a block as those of a stage."""
        start = time.perf_counter()
        yield
        spent = self.seconds
        if stage in spent:  # finished before: this time it was only read
            return
        spent[stage] = round(time.perf_counter() - start, 3)
        if self.path is None:
            self._here = spent
        else:
            write_json(self.path / "seconds.json", spent)
