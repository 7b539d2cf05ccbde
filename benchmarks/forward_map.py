"""Points per second and accuracy of the seesaw's forward map: ours, NumPy's, PyTorch's.

Run: ``PYTHONPATH=src python benchmarks/forward_map.py``. Prints a table and writes
``benchmarks/results/forward_map.json``. The peers compute the same five observables from the same
23 parameters in the way one would write it: ``m = v^2 Y M^-1 Y^T``, then a batched singular value
decomposition of ``m`` or a batched Hermitian eigendecomposition of ``m^+ m``. Accuracy is against
50-digit mpmath, on prior points, points graded over 1e8 in the heavy masses, and points with two
light masses that agree to 1e-2 .. 1e-5.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.progress import track
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from pontecorvo.base.parallel import thread_count  # noqa: E402
from pontecorvo.problems.seesaw.fast_map import (  # noqa: E402
    labels_from_theta,
    light_neutrinos_from_theta,
    observables_from_theta,
    unpack,
)
from pontecorvo.problems.seesaw.formula import light_mass_matrix  # noqa: E402
from pontecorvo.problems.seesaw.gradient import pullback  # noqa: E402
from seesaw_exact import exact_observables  # noqa: E402
from seesaw_points import close_points, graded_points, prior_points  # noqa: E402

RESULTS = ROOT / "benchmarks" / "results" / "forward_map.json"
Map = Callable[[np.ndarray], np.ndarray]


def observables(squares: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Five observables (NO) from ascending squared masses and abs(U)^2."""
    return np.stack(
        [
            squares[:, 1] - squares[:, 0],
            squares[:, 2] - squares[:, 0],
            p[:, 0, 1] / (p[:, 0, 0] + p[:, 0, 1]),
            p[:, 0, 2],
            p[:, 1, 2] / (p[:, 1, 2] + p[:, 2, 2]),
        ],
        axis=1,
    )


def numpy_svd(theta: np.ndarray) -> np.ndarray:
    """NumPy's batched SVD of m: left singular vectors are U^* up to phases."""
    u, s, _ = np.linalg.svd(light_mass_matrix(*unpack(theta)))
    return observables(s[:, ::-1] ** 2, np.abs(u[:, :, ::-1]) ** 2)


def torch_mass_matrix(theta: np.ndarray) -> torch.Tensor:
    """The mass matrix in PyTorch."""
    t = torch.from_numpy(theta)
    y = torch.complex(t[:, :9], t[:, 9:18]).reshape(-1, 3, 3)
    phase = torch.nn.functional.pad(t[:, 21:], (0, 1))
    m = torch.polar(10.0 ** t[:, 18:21], phase)
    return (174.1**2 * 1e9) * (y / m[:, None, :]) @ y.mT


def torch_svd(theta: np.ndarray) -> np.ndarray:
    """PyTorch's batched SVD of m."""
    u, s, _ = torch.linalg.svd(torch_mass_matrix(theta))
    return observables(s.flip(1).numpy() ** 2, (u.abs() ** 2).flip(2).numpy())


def torch_eigh(theta: np.ndarray) -> np.ndarray:
    """PyTorch's batched eigendecomposition of m m^+."""
    m = torch_mass_matrix(theta)
    squares, u = torch.linalg.eigh(m @ m.mH)
    return observables(squares.numpy(), (u.abs() ** 2).numpy())


def speed(
    function: Callable[[np.ndarray], object], theta: np.ndarray, repeats: int
) -> dict[str, float]:
    """Points per second, and processor time a point: the best of several runs after one to warm up.

    The second is the figure to compare where other programs use the machine too.
    """
    function(theta)
    wall, cpu = [], []
    for _ in range(repeats):
        start, used = time.perf_counter(), time.process_time()
        function(theta)
        wall.append(time.perf_counter() - start)
        cpu.append(time.process_time() - used)
    n = len(theta)
    return {"points_per_second": n / min(wall), "cpu_ns_per_point": 1e9 * min(cpu) / n}


def pace(row: dict[str, float]) -> tuple[str, str]:
    """Cells of the table for one row of results."""
    return f"{row['points_per_second'] / 1e6:.2f} M", f"{row['cpu_ns_per_point']:.0f}"


def processor() -> str:
    """The processor's name, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(x.split(":")[1].strip() for x in lines if x.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def main() -> None:
    torch.set_num_threads(thread_count())
    console = Console()
    samples = {
        "prior": prior_points(1000, seed=21),
        "graded 1e8": graded_points(100, seed=22),
        "close pairs": close_points(100, seed=23),
    }
    exact = {
        name: np.array([exact_observables(t, "no") for t in track(theta, f"50 digits: {name}")])
        for name, theta in samples.items()
    }
    maps: dict[str, Map] = {
        "pontecorvo": lambda t: observables_from_theta(t, "no"),
        "NumPy svd": numpy_svd,
        "PyTorch svd": torch_svd,
        "PyTorch eigh": torch_eigh,
    }
    large, small = prior_points(1_000_000, seed=1), prior_points(50_000, seed=1)
    table = Table(title=f"seesaw forward map, {thread_count()} threads", caption="errors: largest")
    for column in (
        "method",
        "points/s",
        "CPU ns a point",
        *(f"{n}: dm2 rel, sin2 abs" for n in samples),
    ):
        table.add_column(column)
    results: dict[str, dict[str, float]] = {}
    for name, function in maps.items():
        ours = name == "pontecorvo"
        row = speed(function, large if ours else small, 15 if ours else 3)
        cells = []
        for sample, theta in samples.items():
            found = function(theta)
            relative = float(np.abs(found[:, :2] / exact[sample][:, :2] - 1.0).max())
            absolute = float(np.abs(found[:, 2:] - exact[sample][:, 2:]).max())
            row[f"{sample}: dm2 relative"], row[f"{sample}: sin2 absolute"] = relative, absolute
            cells.append(f"{relative:.0e}, {absolute:.0e}")
        results[name] = row
        table.add_row(name, *pace(row), *cells)
    out = np.empty((len(large), 5))
    cotangent = np.ones((100_000, 5))
    others: dict[str, Callable[[np.ndarray], object]] = {
        "pontecorvo, into a given array": lambda t: observables_from_theta(t, "no", out=out),
        "pontecorvo, 11 labels": lambda t: labels_from_theta(t, "no"),
        "pontecorvo, masses and U": lambda t: light_neutrinos_from_theta(t, "no"),
        "pontecorvo, gradient": lambda t: pullback(t[:100_000], cotangent, "no"),
    }
    for name, other in others.items():
        row = speed(other, large[:100_000] if "gradient" in name else large, 9)
        results[name] = row
        table.add_row(name, *pace(row))
    console.print(table)
    report = {
        "results": results,
        "threads": thread_count(),
        "machine": processor(),
        "load_average": os.getloadavg()[0],
        "numpy": np.__version__,
        "torch": torch.__version__,
        "accuracy_points": {n: len(t) for n, t in samples.items()},
    }
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(report, indent=2) + "\n")
    console.print(f"written: {RESULTS.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
