"""SIGKILL at random moments: the same command goes on, and ends in the bytes of an undisturbed run.

    python benchmarks/kill_runs.py --kills 100

Each verb does a small job of a few seconds once undisturbed, and then again and again while it is
killed at moments drawn uniformly from the undisturbed time; whenever a process comes to its end,
its files are compared and the next begins in a fresh folder. The processes are forked from this
one, which has imported everything, so that the moments fall into the work and not into imports.
Needs a system with fork. Writes a table to benchmarks/results/kill_runs.json.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

for _name in ("PONTECORVO", "OMP_NUM", "MKL_NUM", "OPENBLAS_NUM", "NUMBA_NUM"):
    os.environ[f"{_name}_THREADS"] = "1"  # a fork beside threads may hang

ROOT = Path(__file__).parents[1]
MODEL = ROOT / "examples" / "chart_model.py"
TRAINING = (
    "training: {examples: 1024, chains: 128, what_ifs: 1, steps: 60, batch: 128, width: 16, "
    "blocks: 1, ranges: {total: [0.3, 1.6], asymmetry: [-0.7, 0.9]}}\n"
)
STUDIES = {
    "exact": "draws: 4000\nmethod: exact\nsampler: {proposals: 131072, max_steps: 100}\n",
    "smc": "draws: 300\nmethod: smc\nsampler: {particles: 300, runs: 2, max_sweeps: 10}\n",
    "network": "draws: 500\nmethod: network\nsampler: {proposals: 65536, max_steps: 100}\n",
    "train": TRAINING,
    "founding": (
        "study: founding-paper\npairs: 2000\n"
        "network: {updates: 300, widths: [24, 16, 12, 8, 12, 16, 24]}\n"
        "generation: {steps: 10, scan: [0, 2], scanned: 5000, beyond: 0}\n"
        "transfer: {rounds: 2, generated: 8000, least: 100, updates: 200}\ndraws: 9000\n"
    ),
}
NOT_COMPARED = {"seconds", "seconds_by_stage", "files", "versions", "training"}
"""Keys of JSON files that hold times, or hashes of pages that show them."""


def commands(files: Path, out: Path) -> dict[str, list[str]]:
    """The command of each job, by name; `files` holds the studies, `out` the results."""
    study = {name: str(files / f"{name}.yaml") for name in STUDIES}
    network = ["--network", str(files / "net.json")]
    run = out / "run"
    return {
        "run exact": ["run", study["exact"], "--no-report", "--out", str(run)],
        "run exact, figures": [
            *("run", study["exact"], "--draws", "300"),
            *("--out", str(run)),
        ],
        "run smc": ["run", study["smc"], "--no-report", "--out", str(run)],
        "run network": ["run", study["network"], *network, "--no-report", "--out", str(run)],
        "run founding-paper": ["run", study["founding"], "--no-report", "--out", str(run)],
        "train": ["train", study["train"], "--out", str(out / "net")],
        "check": [
            *("check", study["train"], *network, "--simulations", "100", "--draws", "20"),
            *("--out", str(run)),
        ],
        "contour": [
            *("contour", "--experiments", "gallex", "--points", "8x5"),
            *("--trials", "1000", "--max-trials", "2000", "--out", str(run)),
        ],
        "compare": [
            *("compare", study["exact"], study["smc"], "--draws", "1000"),
            *("--jobs", "1", "--out", str(run)),
        ],
    }


def content(out: Path) -> dict[str, Any]:
    """What a job left behind, by name: bytes, or JSON without its times."""
    found: dict[str, Any] = {}
    for path in sorted(out.rglob("*")):
        name = path.relative_to(out).as_posix()
        if (
            path.is_dir()
            or any(part.startswith(".") for part in name.split("/"))
            or ".work" in name
        ):
            continue
        if path.suffix == ".html":
            continue  # shows the seconds
        data = path.read_bytes()
        found[name] = without_times(json.loads(data)) if path.suffix == ".json" else data
        if path.suffix == ".csv" and b"seconds" in data:
            del found[name]  # the same numbers stand in comparison.json
    return found


def without_times(value: Any) -> Any:
    """JSON content without what a clock said."""
    if isinstance(value, dict):
        return {k: without_times(v) for k, v in value.items() if k not in NOT_COMPARED}
    return [without_times(item) for item in value] if isinstance(value, list) else value


def leftovers(out: Path) -> list[str]:
    """Temporary files that are still there."""
    return [str(path) for path in out.rglob(".*.tmp")]


def started(words: list[str], log: Path) -> int:
    """Fork a process that does a command; its number."""
    process = os.fork()
    if process:
        return process
    code = 70
    try:
        stream = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(stream, 1)
        os.dup2(stream, 2)
        sys.argv = ["pontecorvo", *words]
        from pontecorvo.cli import main

        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def waited(process: int, seconds: float | None) -> int | None:
    """Exit code of a process, which is killed after `seconds`; None where it was."""
    deadline = None if seconds is None else time.monotonic() + seconds
    while True:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if deadline is not None and time.monotonic() >= deadline:
            os.kill(process, signal.SIGKILL)
            code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
            return None if code == -signal.SIGKILL else code
        time.sleep(0.002)


def trial(
    words: Callable[[Path], list[str]], kills: int, folder: Path, rng: random.Random
) -> dict[str, Any]:
    """Kill one job so many times; what came of it."""
    whole = folder / "whole"
    whole.mkdir()
    start = time.monotonic()
    code = waited(started(words(whole), folder / "log"), None)
    spent = time.monotonic() - start
    expected = content(whole)
    log = (folder / "log").read_text()
    assert code in (0, 3), f"undisturbed: exit code {code}: {log}"
    done: dict[str, Any] = {"kills": 0, "finished": 0, "different": [], "failed": []}
    broken = folder / "broken"
    while done["kills"] < kills or broken.exists():
        broken.mkdir(exist_ok=True)
        # the last process of all is left alone
        seconds = rng.uniform(0, 1.1 * spent) if done["kills"] < kills else None
        code = waited(started(words(broken), folder / "log"), seconds)
        if code is None:
            done["kills"] += 1
            continue
        if code not in (0, 3):
            done["failed"].append((folder / "log").read_text()[-500:])
        found = content(broken)
        wrong = [n for n in {*found, *expected} if found.get(n) != expected.get(n)]
        done["different"] += sorted(wrong) + leftovers(broken)
        done["finished"] += 1
        shutil.rmtree(broken)
    return {**done, "undisturbed_seconds": round(spent, 2)}


def main() -> None:
    """Kill every job, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="one job")
    parser.add_argument("--out", default=str(ROOT / "benchmarks" / "results" / "kill_runs.json"))
    asked = parser.parse_args()
    import torch  # noqa: F401

    import pontecorvo.report.page
    import pontecorvo.study.check
    import pontecorvo.study.network_training  # noqa: F401

    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "files"
        files.mkdir()
        for name, text in STUDIES.items():
            own = text.startswith("study:")
            (files / f"{name}.yaml").write_text(text if own else f"study: {MODEL}\n{text}")
        log = Path(folder) / "log"
        made = ["train", str(files / "train.yaml"), "--out", str(files / "net")]
        assert waited(started(made, log), None) == 0, log.read_text()
        names = [asked.only] if asked.only else list(commands(files, files))
        table: dict[str, Any] = {}
        for index, name in enumerate(names):
            share = asked.kills // len(names) + (index < asked.kills % len(names))
            here = Path(folder) / str(index)
            here.mkdir()

            def words(out: Path, name: str = name) -> list[str]:
                return commands(files, out)[name]

            table[name] = trial(words, share, here, random.Random(f"{asked.seed} {name}"))
            print(f"{name}: {json.dumps(table[name])}", flush=True)
    total = sum(row["kills"] for row in table.values())
    wrong = sum(len(row["different"]) + len(row["failed"]) for row in table.values())
    print(f"{total} kills, {wrong} differences or failures")
    content_ = {"seed": asked.seed, "kills": total, "wrong": wrong, "jobs": table}
    Path(asked.out).write_text(json.dumps(content_, indent=2) + "\n", encoding="utf-8")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
