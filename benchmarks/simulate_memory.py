"""Simulations in constant memory: peak resident memory of `pontecorvo simulate` by number of draws.

Each run is a process of its own, whose peak memory the kernel tells when it ends. The folder is
removed after each run.

    python benchmarks/simulate_memory.py [--draws 1000000 10000000 100000000] [--study seesaw-no]
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from pontecorvo.base.files import write_json

RESULT = Path(__file__).parent / "results" / "simulate_memory.json"


def measured(study: str, draws: int, precision: str, folder: Path) -> dict[str, object]:
    """Run the command once; seconds, peak memory, and what it wrote."""
    command = [sys.executable, "-m", "pontecorvo", "simulate", study, "--draws", str(draws)]
    command += ["--precision", precision, "--out", str(folder)]
    start = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {process.returncode}")
    files = list(folder.glob("*.npy"))
    return {
        "study": study,
        "draws": draws,
        "precision": precision,
        "threads": os.environ.get("PONTECORVO_THREADS", "all"),
        "wall_seconds": round(time.perf_counter() - start, 1),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_megabytes": round(usage.ru_maxrss / 1024, 1),
        "shards": len(files),
        "gigabytes_written": round(sum(f.stat().st_size for f in files) / 1e9, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, nargs="+", default=[10**6, 10**7, 10**8])
    parser.add_argument("--study", default="seesaw-no")
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--out", type=Path, default=RESULT)
    given = parser.parse_args()
    rows = []
    for draws in given.draws:
        folder = Path(tempfile.mkdtemp(prefix="simulate-memory-"))
        try:
            rows.append(measured(given.study, draws, given.precision, folder))
        finally:
            shutil.rmtree(folder)
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    Console().print(table)
    write_json(given.out, rows)


if __name__ == "__main__":
    main()
