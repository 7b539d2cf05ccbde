"""Tests mirror the tree: every source file is named by a test of its own folder."""

import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent
SOURCE = TESTS.parent / "src" / "pontecorvo"
UNNAMED = """
problems/flavour/cli/explain.py
problems/flavour/effective_seesaw.py
problems/flavour/flavour_problem.py
problems/flavour/mass_matrix_model.py
problems/founding_paper/problem.py
problems/founding_paper/report_sections.py
problems/inverse_seesaw.py
problems/oscillation/figures.py
problems/oscillation/report.py
problems/scotogenic.py
problems/sterile/cli/experiments.py
problems/sterile/experiments/dayabay/nuisances.py
problems/sterile/neural/calibration_trials.py
report/certificate_figures.py
report/comparison.py
report/how_made.py
report/interval_table.py
report/reliability.py
samplers/mode_clouds.py
samplers/mode_seeds.py
samplers/mode_table.py
sbi/lift/broad.py
sbi/lift/field.py
sbi/lift/ladder.py
sbi/lift/observable_slopes.py
sbi/lift/observables.py
sbi/training_draws.py
study/amortised_network.py
study/check_network.py
study/check_run.py
study/methods.py
study/network_training.py
study/summary.py
study/what_if.py
"""
"""Files that no test of their folder names yet, to be shortened only."""


@cache
def texts_of(folder):
    return [path.read_text(encoding="utf-8") for path in (TESTS / folder).rglob("test_*.py")]


def is_named(path):
    """Whether its mirrored test exists, or a test of its folder imports the module by name."""
    if (TESTS / path.parent / f"test_{path.stem}.py").exists():
        return True
    package = ".".join(("pontecorvo", *path.parent.parts))
    name = re.escape(path.stem)
    pattern = re.compile(
        rf"(from|import) {re.escape(package)}\.{name}\b"
        rf"|from {re.escape(package)} import \(?[^()\n]*\b{name}\b"
    )
    # problems/NAME is a folder of its own; elsewhere the first floor is
    folder = "/".join(path.parts[: 2 if path.parts[0] == "problems" else 1])
    return any(pattern.search(text) for text in texts_of(folder))


def files():
    return sorted(
        path.relative_to(SOURCE)
        for path in SOURCE.rglob("*.py")
        if path.stem not in ("__init__", "__main__")
    )


def test_every_source_file_is_named_by_a_test():
    unnamed = {path.as_posix() for path in files() if not is_named(path)}
    allowed = set(UNNAMED.split())
    assert not unnamed - allowed, "write a test of it at the mirrored path"
    assert not allowed - unnamed, "these have a test now: strike them from the list"
