"""The commands, called as click calls them; what each prints is the Python call's answer."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from pontecorvo.base.errors import InputError
from pontecorvo.problems.flavour.cli.export import export
from pontecorvo.problems.flavour.cli.measurements import measurements
from pontecorvo.problems.flavour.cli.new_data import reweight, update
from pontecorvo.problems.flavour.cli.score import score
from pontecorvo.problems.flavour.measurements.library import library
from weighted_run import finished


def call(command, *arguments):
    result = CliRunner().invoke(command, [str(a) for a in arguments], catch_exceptions=True)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return finished(tmp_path_factory.mktemp("run") / "out")


def test_the_library_is_listed_in_three_ways():
    text = call(measurements)
    assert all(entry.key in text for entry in library())
    assert call(measurements, "--markdown").startswith("| name |")
    assert len(json.loads(call(measurements, "--json"))) == len(library())
    assert "0.3088" in call(measurements, "nufit-6.1")
    with pytest.raises(InputError, match="give one of"):
        call(measurements, "nufit-6.1", "--json")
    with pytest.raises(InputError, match="did you mean"):
        call(measurements, "nufit-61")


def test_a_point_is_scored(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text(
        "dm2_21: 7.537e-5\ndm2_3l: 2.511e-3\nsin2_theta12: 0.3088\n"
        "sin2_theta13: 0.02248\nsin2_theta23: 0.4855\ndelta_cp_deg: 212\n"
    )
    text = call(score, path)
    assert "chi2 1.0000 of 5" in text
    content = json.loads(call(score, path, "--json", "--names", "sin2_theta23, delta_cp"))
    assert content[0]["chi2"] == pytest.approx(1.0)
    assert len(content[0]["rows"]) == 2
    table = json.loads(call(score, path, "--json", "--likelihood", "table"))
    assert table[0]["chi2"] < 1
    with pytest.raises(InputError, match="ordering no, not io"):
        call(score, path, "--ordering", "io")


def test_many_points_of_either_ordering(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("dm2_21,dm2_3l\n7.5e-5,2.5e-3\n7.5e-5,-2.5e-3\n")
    text = call(score, path, "--names", "dm2_21,dm2_3l")
    assert "point 1, ordering no" in text
    assert "point 2, ordering io" in text


@pytest.mark.parametrize(
    ("form", "name", "files"),
    [
        ("getdist", "chain", ["chain.txt", "chain.paramnames", "chain.ranges"]),
        ("csv", "d.csv", ["d.csv"]),
        ("latex", "t.tex", ["t.tex"]),
        ("arviz", "a.nc", ["a.nc"]),
    ],
)
def test_a_run_is_exported(run, tmp_path, form, name, files):
    text = call(export, run, "--format", form, "--out", tmp_path / name)
    assert text.split() == [str(tmp_path / file) for file in files]
    with pytest.raises(InputError, match="is there already"):
        call(export, run, "--format", form, "--out", tmp_path / name)
    call(export, run, "--format", form, "--out", tmp_path / name, "--overwrite")
    with pytest.raises(InputError, match="--out: is empty"):
        call(export, run, "--format", form, "--out", " ")


def chi2_file(folder, centre, sigma, name="x"):
    path = folder / "new.csv"
    grid = np.linspace(-8, 8, 401)
    lines = [f"{x},{((x - centre) / sigma) ** 2}" for x in grid]
    path.write_text(f"{name},chi2\n" + "\n".join(lines))
    return path


def test_a_run_is_reweighted_and_refused(run, tmp_path):
    text = call(
        reweight, run, "--measurement", chi2_file(tmp_path, 0.5, 0.4), "--out", tmp_path / "new"
    )
    assert "one-number: 4000 draws, ESS" in text
    content = json.loads((tmp_path / "new" / "reweight.json").read_text())
    assert content["usable"]
    assert f"{content['log_evidence']:.3f}" in text
    with pytest.raises(InputError, match="too few draws"):
        call(reweight, run, "--measurement", chi2_file(tmp_path, 5.0, 0.05))
    with pytest.raises(InputError, match="the run has no dm2_21"):
        call(reweight, run, "--measurement", "nufit-6.1")
    with pytest.raises(InputError, match="give a measurement or a prior"):
        call(reweight, run)


def test_a_run_is_updated_on_one_page(run, tmp_path):
    text = call(
        update, run, "--measurement", chi2_file(tmp_path, 0.2, 0.4), "--out", tmp_path / "p"
    )
    assert "x by -" in text
    assert (tmp_path / "p" / "report.html").exists()


def test_a_folder_without_a_run_gets_one_sentence(tmp_path):
    for command, more in (
        (reweight, ["--measurement", "nufit-6.1"]),
        (update, ["--out", tmp_path / "p"]),
        (export, ["--format", "csv", "--out", tmp_path / "d.csv"]),
    ):
        with pytest.raises(InputError, match="holds no finished run"):
            call(command, tmp_path, *more)
