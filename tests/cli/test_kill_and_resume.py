"""Killed at any moment, the same command takes up where it was and ends in the same bytes."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

SOURCE = str(Path(__file__).parents[2] / "src")
SETTINGS = {
    "exact": "draws: 2500\nmethod: exact\nsampler: {proposals: 393216, max_steps: 200}\n",
    "network": "draws: 6000\nsampler: {proposals: 131072}\n",
    "smc": "draws: 300\nmethod: smc\nsampler: {particles: 300, runs: 2, max_sweeps: 20}\n",
}
PATIENCE = 600  # seconds for one process on a crowded machine

DONE = (0, 3)
"""Exit codes of a run that is whole; 3: too short to have converged."""


def start(study, out, threads):
    return subprocess.Popen(
        [sys.executable, "-m", "pontecorvo", "run", study, "--out", out, "--no-report"],
        env={**os.environ, "PYTHONPATH": SOURCE, "PONTECORVO_THREADS": str(threads)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def progress_of(out):
    """What the stages hold: it changes with every block that is kept."""
    stages = out / ".stages"
    return {(path, path.stat().st_mtime_ns) for path in list(stages.rglob("*.npz"))}


def kill_after(process, out, blocks, delay):
    """Kill when so many more blocks are kept and `delay` has passed; False if it ended before."""
    seen, changes = progress_of(out), 0
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            now = progress_of(out)
        except FileNotFoundError:  # a block was replaced while we looked
            continue
        changes += now != seen
        seen = now
        if changes >= blocks:
            time.sleep(delay)
            process.kill()
            break
        time.sleep(0.002)
    process.communicate()
    return process.returncode == -9


@pytest.mark.parametrize(
    "method", ["exact", "smc", pytest.param("network", marks=pytest.mark.slow)]
)
def test_killed_at_random_moments(tmp_path, method):
    study = tmp_path / "study.yaml"
    study.write_text(SETTINGS[method])
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    _, error = start(study, whole, threads=2).communicate(timeout=PATIENCE)
    assert (whole / "posterior.nc").exists(), error

    moments = random.Random(1)
    kills = 0
    for _ in range(3):
        process = start(study, broken, threads=1)
        kills += kill_after(process, broken, moments.randint(1, 3), moments.uniform(0, 0.1))
        assert not (broken / "summary.json").exists() or process.returncode in DONE
    assert kills >= 2, "the runs ended before they could be killed"

    process = start(study, broken, threads=2)
    _, error = process.communicate(timeout=PATIENCE)
    assert process.returncode in DONE, error
    for name in ("posterior.nc", "equal.nc", "settings.yaml"):
        assert (whole / name).read_bytes() == (broken / name).read_bytes()
    names = {path.relative_to(broken).name for path in broken.rglob("*") if path.is_file()}
    results = {"posterior.nc", "equal.nc", "settings.yaml", "summary.json"}
    assert names == {*results, "draws.npz", "seconds.json"}
    assert {path.name for path in broken.iterdir()} == {*results, ".stages"}
