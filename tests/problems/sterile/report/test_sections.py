import csv
import re
from dataclasses import replace

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.frequentist.chi2_features import Joint
from pontecorvo.frequentist.toys import minimum
from pontecorvo.problems.sterile.experiment_registry import Setting, load_experiments
from pontecorvo.problems.sterile.fits import JOINT, Settings, sets_of, tensions
from pontecorvo.problems.sterile.joint import JointLikelihood
from pontecorvo.problems.sterile.plane_likelihood import grid_problem, hypotheses, sterile_plane
from pontecorvo.problems.sterile.report.sections import sections
from pontecorvo.problems.sterile.statements import statements
from pontecorvo.report.page import write_page

SMALL = Settings(
    shape=(9, 9), between=1, trials=1000, max_trials=1000, tail_trials=2000,
    goodness_trials=2000, posterior_shape=(31, 41), seed=3,
)  # fmt: skip


@pytest.fixture(scope="module")
def fits(tmp_path_factory):
    experiments = load_experiments("danss,gallium,lsnd,solar")
    return sets_of(experiments, SMALL, tmp_path_factory.mktemp("trials"))


def test_the_plane_problem_has_the_chi2_of_the_experiments():
    """Boxes, shared pulls, counts: all forms against the joint likelihood, point by point."""
    experiments = load_experiments("rates,danss,bugey3,gallium,karmen,lsnd")
    plane = sterile_plane((7, 8), between=1)
    problem = grid_problem(experiments, plane)
    exact = JointLikelihood(experiments).chi2(*hypotheses(plane))
    np.testing.assert_allclose(problem.observed_chi2, exact, rtol=1e-8, atol=1e-6)


def test_joint_of_joints_is_the_joint_fit():
    """As in the parameter goodness of fit: boxes bring squares, each part must subtract its own."""
    sides = [load_experiments("gallium"), load_experiments("danss,bugey3,neos,solar")]
    plane = sterile_plane((7, 8), between=1)
    parts = [grid_problem(side, plane, "side") for side in sides]
    nested = Joint("all", parts)
    whole = grid_problem([*sides[0], *sides[1]], plane)
    np.testing.assert_allclose(nested.observed_chi2, whole.observed_chi2, rtol=1e-9, atol=1e-6)
    drawn = [part.draw(20, 30, np.random.default_rng(1)) for part in parts]
    together = minimum(nested, np.hstack(drawn))[0]
    assert np.all(
        together >= sum(minimum(p, d)[0] for p, d in zip(parts, drawn, strict=True)) - 1e-6
    )
    np.testing.assert_allclose(together, minimum(whole, np.hstack(drawn))[0], rtol=1e-9, atol=1e-6)


def test_sets_and_tensions(fits):
    assert next(iter(fits)) == JOINT
    assert set(fits) == {JOINT, "gallium", "danss", "gallex", "sage", "best", "lsnd", "solar"}
    found = {result.names: result for result in tensions(fits)}
    assert ("gallium", "solar") in found
    assert found["gallium", "solar"].statistic > 5
    assert found["gallium", "solar"].by_trials.value < 0.05


def test_gallium_without_cross_section_error_is_beyond_five_sigma():
    fits = sets_of(load_experiments("gallium", Setting(gallium_cross_section=0.0)), SMALL)
    null = fits[JOINT].null
    assert null.statistic > 40
    assert null.sigma > 5
    assert fits[JOINT].null_wilks[1] > 5
    assert fits[JOINT].elsewhere.local < null.value


def test_draws_follow_the_exact_likelihood(fits):
    draws = fits[JOINT].draws(2000)
    assert draws.points.shape == (2000, 2)
    assert 0 < draws.effective <= 2000
    exact = fits[JOINT].log_likelihood(draws.points)
    np.testing.assert_array_equal(draws.log_likelihood, exact)
    np.testing.assert_array_equal(fits[JOINT].draws(2000).points, draws.points)


def test_sections_write_what_they_show(fits, tmp_path):
    belts = {name: fits[name].belt() for name in (JOINT, "gallium")}
    rows = tensions(fits)
    said = statements(fits, rows, Setting())
    folder = tmp_path / "figures"
    folder.mkdir()
    made = sections(fits, belts, rows, said, folder)
    assert [section.anchor for section in made][:2] == ["regions-in-the-plane", "each-experiment"]
    assert sum(len(section.figures) for section in made) == 5 + 6
    few = [replace(section, figures=section.figures[:1]) for section in (made[0], made[-1])]
    page = write_page(tmp_path, "3+1", "test", ["one sentence"], [*few, made[4]]).read_text()
    names = {path.name for path in folder.iterdir()}
    for stem in ("regions-by-method", "data-danss"):
        assert {f"{stem}.png", f"{stem}.pdf"} <= names
    assert all(path.stat().st_size > 100 for path in folder.iterdir())
    assert len(re.findall("<figure", page)) == 2
    assert "does not hold" in page
    table = list(csv.DictReader((folder / "fits.csv").read_text().splitlines()))
    assert [row["set"] for row in table] == [fit.title for fit in fits.values()]
    assert float(table[0]["chi2_best"]) == pytest.approx(fits[JOINT].best.chi2, abs=0.006)
    contour = list(csv.DictReader((folder / "contours-gallium.csv").read_text().splitlines()))
    assert {row["method"] for row in contour} == {"wilks", "feldman-cousins", "bayes"}
    subjects = {statement.subject for statement in said}
    assert {"gallium against solar", "BEST", "joint fit"} <= subjects


def test_own_features_and_pulls_are_refused_before_the_run():
    experiment = load_experiments("danss", Setting(options=(("energy_scale", "gaussian"),)))[0]
    own = type(
        "Own", (type(load_experiments("solar")[0]),), {"own_features": lambda self, s, d: object()}
    )
    solar = object.__new__(own)
    solar.__dict__.update(load_experiments("solar")[0].__dict__)
    solar.nuisances = experiment.nuisances
    with pytest.raises(InputError, match="must fold its pulls"):
        grid_problem([solar], sterile_plane((5, 5)))
