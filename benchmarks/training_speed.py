"""Training speed: examples a second, and the share of the machine's matrix-multiply peak.

The peak is measured in the same run, as the best of several square products in that precision.
The arithmetic of a step is counted as six operations a weight and example. CPU seconds stand beside
wall seconds, so that a busy machine can be told from a slow program.

    python benchmarks/training_speed.py [--threads 2] [--seconds 5]
"""

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

import pontecorvo.flows  # noqa: F401  (sets how threads wait, before torch)

import torch  # isort: skip
from rich.console import Console
from rich.table import Table

from pontecorvo.base.files import write_json
from pontecorvo.flows.denoiser import Denoiser
from pontecorvo.flows.flow_settings import TrainSettings
from pontecorvo.flows.networks import NetworkSettings
from pontecorvo.flows.noise_schedules import make_path
from pontecorvo.flows.trainer import Trainer

DIM, CONDITIONS = 20, 12


class Fixed:
    """The same batch for ever: the simulator is not what is timed."""

    def __init__(self) -> None:
        self.x, self.c = torch.randn(8192, DIM), torch.randn(8192, CONDITIONS)

    def batch(self, step: int, n: int) -> tuple[torch.Tensor, torch.Tensor]:
        """The first n rows."""
        return self.x[:n], self.c[:n]


def rate(work: Callable[[], object], seconds: float) -> tuple[float, float]:
    """Calls per wall second and per CPU second."""
    for _ in range(3):
        work()
    wall, cpu, calls = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - wall < seconds:
        work()
        calls += 1
    return calls / (time.perf_counter() - wall), calls / (time.process_time() - cpu)


def peak(kind: torch.dtype, seconds: float) -> tuple[float, float]:
    """Best GFLOP/s of square products, per wall and per CPU second."""
    best = (0.0, 0.0)
    for size in (512, 1024, 2048):
        a, b = torch.randn(2, size, size).to(kind)
        calls = rate(lambda a=a, b=b: a @ b, seconds / 4)  # type: ignore[misc]
        best = max(best, tuple(2e-9 * size**3 * c for c in calls))  # type: ignore[assignment]
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    table = Table(title=f"training, {options.threads} thread(s), load {os.getloadavg()[0]:.1f}")
    columns = ("network", "weights", "batch", "precision", "examples/s", "per CPU s", "of peak")
    for column in columns:
        table.add_column(column, justify="right")
    networks = {
        "residual": NetworkSettings(),
        "hour-glass": NetworkSettings(kind="hour-glass", null="zeros"),
    }
    rows = []
    for precision in ("float32", "bfloat16"):
        top = peak(getattr(torch, precision), options.seconds)
        for name, network in networks.items():
            for batch in (64, 256, 1024):
                torch.manual_seed(0)
                denoiser = Denoiser(
                    torch.zeros(DIM, dtype=torch.bool),
                    CONDITIONS,
                    make_path("flow-matching"),
                    network,
                )
                weights = sum(p.numel() for p in denoiser.parameters())
                settings = TrainSettings(steps=10**6, batch=batch, precision=precision)
                trainer = Trainer(denoiser, Fixed(), None, settings)
                wall, cpu = rate(trainer._advance, options.seconds)
                share = 6e-9 * weights * batch * cpu / top[1]
                rows.append(
                    {
                        "network": name,
                        "weights": weights,
                        "batch": batch,
                        "precision": precision,
                        "examples_per_second": wall * batch,
                        "examples_per_cpu_second": cpu * batch,
                        "share_of_peak": share,
                        "peak_gflops": top[0],
                        "peak_gflops_per_cpu_second": top[1],
                    }
                )
                table.add_row(
                    name,
                    f"{weights:,}",
                    str(batch),
                    precision,
                    f"{wall * batch:,.0f}",
                    f"{cpu * batch:,.0f}",
                    f"{share:.0%}",
                )
    Console().print(table)
    target = Path(__file__).parent / "results" / "training_speed.json"
    about = {"threads": options.threads, "load_average": os.getloadavg()[0]}
    write_json(target, about | {"rows": rows})


if __name__ == "__main__":
    main()
