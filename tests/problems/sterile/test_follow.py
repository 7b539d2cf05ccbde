"""`run sterile`: the posterior's files, and the fits by trials that follow."""

import json

import numpy as np
import pytest
import xarray as xr
import yaml

from pontecorvo.base.errors import InputError
from pontecorvo.study.catalog import load_study
from sketches import sketched

QUICK = {
    "study": "sterile",
    "experiments": ["gallium"],
    "draws": 500,
    "sampler": {"proposals": 65536},
    "frequentist": {"points": [8, 8], "max_trials": 1000, "tail_trials": 1000},
}


@pytest.fixture(scope="module")
def study_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("sterile") / "quick.yaml"
    path.write_text(yaml.safe_dump(QUICK))
    return path


@pytest.fixture(scope="module")
def finished(study_file):
    out = study_file.parent / "out"
    with sketched():
        return load_study(str(study_file)).run(out)


def test_posterior_in_the_arviz_layout(finished):
    with xr.open_dataset(finished.out / "posterior.nc", group="posterior") as posterior:
        assert set(posterior.data_vars) == {"log10_s22", "log10_dm2"}
        assert posterior["log10_s22"].dims == ("chain", "draw")
        assert posterior.sizes["draw"] == 500
        # BEST and its companions want a large amplitude; the prior's median is -2
        assert -0.8 < float(posterior["log10_s22"].median()) < -0.2


def test_evidence_against_no_oscillation_is_the_grid_average(finished):
    """ln Bayes factor by the sampler against a sum over a fine grid of the same likelihood."""
    target = finished.study.target
    axes = [
        np.linspace(m.low, m.high, n, endpoint=False) + (m.high - m.low) / (2 * n)
        for m, n in zip(target.model.prior.marginals, (300, 600), strict=True)
    ]
    grid = np.stack([x.ravel() for x in np.meshgrid(*axes)], axis=1)
    value = target.log_likelihood(grid) - target.null_log_likelihood
    expected = value.max() + np.log(np.mean(np.exp(value - value.max())))
    error = finished.summary["log_evidence_error"]
    assert abs(finished.summary["ln_bayes_factor"] - expected) < 5 * error + 0.01


def test_fits_and_sections_follow(finished):
    fits = json.loads((finished.out / "fits.json").read_text())
    assert {fit["name"] for fit in fits} >= {"joint", "gallex", "sage", "best"}
    page = (finished.out / "report.html").read_text()
    assert "regions-by-method" in page  # the main picture: on the first screen
    assert "Regions by Wilks" in page
    assert (finished.out / "figures" / "contours-joint.csv").exists()


def test_seconds_of_every_part(finished):
    seconds = finished.summary["seconds"]
    parts = [value for stage, value in seconds.items() if stage.startswith("follow: ")]
    assert {"follow: belts", "follow: tensions", "follow: fits", "follow: figures"} <= set(seconds)
    assert 0.5 * seconds["follow"] < sum(parts) <= seconds["follow"] + 0.01
    assert "follow: belts" in (finished.out / "report.html").read_text()


def test_bad_settings(study_file):
    for change, words in (
        ({"experiments": ["bset"]}, "did you mean 'best'"),
        ({"flux": "x"}, "'kurchatov' or 'dayabay'"),
        ({"frequentist": {"points": [1, 8]}}, "between 5 and 400"),
        ({"frequentist": {"trials": 50}}, "trials: 50 is not allowed"),
        ({"ordering": "no"}, "ordering is unknown"),
    ):
        path = study_file.parent / "bad.yaml"
        path.write_text(yaml.safe_dump({**QUICK, **change}))
        with pytest.raises(InputError, match=words):
            load_study(str(path))


def test_certificate_of_the_run(command, finished, tmp_path):
    """Its draws and those of the shipped networks, against the exact grid posterior."""
    with sketched():
        answer = command("check", finished.out, "--out", tmp_path / "out")
    assert answer.code == 0, answer.err
    content = json.loads((tmp_path / "out" / "certificate.json").read_text())
    assert content["kind"] == "run"
    titles = [one["title"] for one in content["checks"]]
    assert titles[0] == "the run's draws"
    assert {"network fmpe in this run", "network npse in this run"} <= set(titles)
    for one in content["checks"]:
        names = {verdict["name"] for verdict in one["corrected"]}
        assert "C2ST against exact draws, parameters" in names
        assert all(verdict["passed"] for verdict in one["corrected"]), one
    assert "What may be concluded" in (tmp_path / "out" / "report.html").read_text()
