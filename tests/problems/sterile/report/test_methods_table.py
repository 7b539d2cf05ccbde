"""One row a method, with the numbers of the fit (`report/methods_table.py`)."""

import csv

from pontecorvo.problems.sterile.experiment_registry import load_experiments
from pontecorvo.problems.sterile.fits import JOINT, Settings, sets_of
from pontecorvo.problems.sterile.report.methods_table import HEAD, methods_section

SMALL = Settings(shape=(9, 9), between=1, tail_trials=2000, posterior_shape=(31, 81), seed=3)


def test_every_method_has_its_row(tmp_path):
    fits = sets_of(load_experiments("gallium"), SMALL)
    section = methods_section(fits, {}, None, tmp_path)
    rows = list(csv.DictReader((tmp_path / "methods.csv").read_text().splitlines()))
    assert tuple(rows[0]) == HEAD
    fit = fits[JOINT]
    assert [row["point"] for row in rows] == [*["best fit"] * 3, "mode", "mean of logarithms"]
    assert rows[0]["over_no_oscillation"] == f"{fit.null.sigma:.2f} sigma"
    assert rows[2]["over_no_oscillation"] == f"{fit.null_wilks[1]:.2f} sigma"
    assert rows[3]["over_no_oscillation"] == f"ln B = {fit.posterior.log_bayes_factor:.2f}"
    assert abs(float(rows[0]["dm2_eV2"]) / 10**fit.best.y - 1) < 0.01
    assert "Feldman-Cousins" in section.body
