import numpy as np

from pontecorvo.problems.sterile.cli.experiments_table import (
    best_fit,
    describe_all,
    print_table,
    short_source,
)
from pontecorvo.problems.sterile.experiment_registry import Setting
from pontecorvo.problems.sterile.joint import JointLikelihood


def test_short_sources():
    compiled = "DANSS, PLB 787 (2018) 56, arXiv:1804.04046; compiled in arXiv:2005.01756"
    assert short_source(compiled) == "1804.04046"
    assert short_source("NPB 434 (1995) 503; compiled in arXiv:2005.01756") == "NPB 434(1995) 503"
    assert short_source("24 rates compiled in arXiv:2005.01756") == "2005.01756"
    assert short_source("") == ""


def test_the_best_fit_lies_below_its_grid():
    joint = JointLikelihood.load("gallex,sage")
    log_s22, log_dm2, chi2 = best_fit(joint)
    assert joint.chi2(np.array([10**log_s22]), np.array([10**log_dm2]))[0] == chi2
    s22, dm2 = np.meshgrid(np.linspace(0, 1, 30), np.geomspace(0.01, 100, 60))
    assert chi2 <= joint.chi2(s22.ravel(), dm2.ravel()).min() + 1e-3


def test_rows_say_what_is_there_and_what_is_missing():
    rows = {row["name"]: row for row in describe_all(Setting(), fit=False)}
    assert rows["gallex"]["bins"] == 2
    assert rows["prospect"]["notes"].startswith("not available") != bool(rows["prospect"]["bins"])
    assert rows["gallium"]["what"] == "together: gallex, sage, best"


def test_the_command_that_installs_an_extra_is_printed_whole(capsys):
    command = "pip install 'pontecorvo[dayabay]'"
    said = f"not available: {'very ' * 12}much needs it; install it with: {command}"
    row = {"name": "dayabay", "notes": said, "bins": "", "source": "", "licence": ""}
    print_table([row])
    assert f"  {command}" in capsys.readouterr().out.splitlines()
