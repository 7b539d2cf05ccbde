"""The commands scan, data check and experiments, as a user runs them."""

import csv

import numpy as np
import pytest
from click.testing import CliRunner

from pontecorvo.cli import cli
from pontecorvo.problems.sterile.experiment_registry import load_experiment


def run(*arguments):
    return CliRunner().invoke(cli, [str(a) for a in arguments])


def write(path, text):
    path.write_text(text)
    return path


def test_scan_adds_a_column(tmp_path):
    points = write(tmp_path / "in.csv", "id,log10_dm2,log10_s22,note\na,-0.4,-1.04,x\nb,1,0,y\n")
    out = tmp_path / "new" / "out.csv"
    result = run("scan", "--experiments", "rates-sbl", "--points", points, "--out", out)
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert [*rows[0]] == ["id", "log10_dm2", "log10_s22", "note", "chi2"]
    assert rows[0]["note"] == "x"
    expected = load_experiment("rates-sbl").chi2(
        np.array([10**-1.04, 1.0]), np.array([10**-0.4, 10.0])
    )
    np.testing.assert_allclose([float(row["chi2"]) for row in rows], expected)
    assert float(rows[0]["chi2"]) == pytest.approx(7.907, abs=1e-3)
    again = run("scan", "--experiments", "rates-sbl", "--points", out, "--out", out)
    assert again.exit_code == 0
    assert [*next(csv.DictReader(out.read_text().splitlines()))].count("chi2") == 1
    other = tmp_path / "sm.csv"
    result = run(
        "scan", "--experiments", "rates-sbl", "--points", points, "--out", other, "--flux", "sm"
    )
    assert result.exit_code == 0
    assert other.read_text() != out.read_text()


GOOD = "log10_s22,log10_dm2\n-1,0\n"


@pytest.mark.parametrize(
    ("text", "extra", "words"),
    [
        ("log10_s22\n-1\n", (), "column 'log10_dm2' is missing"),
        ("log10_s22,log10_dm2\n-1,nan\n", (), "finite number"),
        ("log10_s22,log10_dm2\n-1,x\n", (), "finite number"),
        ("log10_s22,log10_dm2\n-1,2.5\n", (), "outside the tabulated range"),
        ("log10_s22,log10_dm2\n0.5,1\n", (), "at most 0"),
        ("log10_s22,log10_dm2\n-1\n", (), "row 1 has 1 values"),
        ("log10_s22,log10_dm2\n", (), "no points"),
        ("", (), "is empty"),
        (GOOD, ("--flux", "huber"), "flux model 'huber' is unknown"),
        (GOOD, ("--experiments", "dans"), "did you mean 'danss'"),
        (GOOD, ("--data", "/nowhere/at/all"), "no such folder"),
        (GOOD, ("--option", "energy_scale"), "must read NAME=VALUE"),
        (GOOD, ("--option", "energy_scal=box"), "did you mean 'energy_scale'"),
        (GOOD, ("--option", "dans.energy_scale=box"), "did you mean 'danss.energy_scale'"),
        (GOOD, ("--option", "danss.energy_scale=bax"), "did you mean 'box'"),
        (GOOD, ("--option", "carbon.damping=-1"), "zero or more"),
        (GOOD, ("--out", "/proc/none/out.csv"), "cannot be written"),
    ],
)
def test_bad_input_is_one_sentence(tmp_path, text, extra, words):
    points, out = write(tmp_path / "in.csv", text), tmp_path / "out.csv"
    result = run("scan", "--experiments", "reno", "--points", points, "--out", out, *extra)
    assert result.exit_code != 0
    assert words in str(result.exception)
    assert "\n" not in str(result.exception)
    assert not out.exists()


def test_data_check_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.delenv("PONTECORVO_DATA", raising=False)
    result = run("data", "check", tmp_path)
    assert result.exit_code == 0
    assert result.output.count("missing") >= 2
    assert "arXiv:2006.11210" in result.output
    assert "PONTECORVO_DATA" in str(run("data", "check").exception)
    folder = tmp_path / "prospect-2020"
    folder.mkdir()
    result = run("data", "check", tmp_path)
    assert result.exit_code != 0
    assert "prospect-2020: cannot be used" in str(result.exception)


def test_experiments_are_listed(monkeypatch):
    monkeypatch.delenv("PONTECORVO_DATA", raising=False)
    table = "pontecorvo.problems.sterile.cli.experiments_table"
    monkeypatch.setattr(f"{table}.declared", lambda: ["danss", "prospect"])
    monkeypatch.setattr(f"{table}.group_names", lambda: ["rates", "reactors"])
    result = run("experiments", "--no-fit", "--csv")
    assert result.exit_code == 0, result.output
    rows = {row["name"]: row for row in csv.DictReader(result.output.splitlines())}
    assert rows["danss"]["chi2_null"] == "33.467"
    assert rows["danss"]["bins"] == "24"
    assert "not available" in rows["prospect"]["notes"]
    assert rows["rates"]["what"].startswith("together")
    # of a set what is at hand
    assert rows["reactors"]["what"].endswith("danss, neos, bugey3, reno, double-chooz")


def test_experiments_fit_a_narrow_terminal(monkeypatch):
    monkeypatch.delenv("PONTECORVO_DATA", raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    result = run("experiments", "--no-fit")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert max(map(len, lines)) <= 80
    if "data-official" in result.output:  # where the release is not installed
        assert "pontecorvo[dayabay]" in result.output
    assert "…" not in result.output
    rows = {line.split()[0]: line for line in lines if line.strip()}
    assert rows["bugey3"].split()[1:3] == ["25", "12.55"]
    for name, source in (("neos", "1610.05134"), ("rates-sbl", "2005.01756"), ("gallex", "1001.")):
        assert source in rows[name]


def test_one_experiment_is_told_whole():
    result = run("experiments", "danss", "--no-fit", "--option", "danss.energy_scale=gaussian")
    assert result.exit_code == 0, result.output
    text = " ".join(result.output.split())
    assert "PLB 787 (2018) 56, arXiv:1804.04046; compiled in arXiv:2005.01756" in text
    assert "energy_scale gaussian (box | gaussian)" in text
    assert "pulls danss energy scale" in text
    assert "did you mean 'danss'" in str(run("experiments", "dans").exception)


def test_scan_replaces_its_own_tables_only(tmp_path):
    points = write(tmp_path / "in.csv", GOOD)
    out = write(tmp_path / "out.csv", "precious\n")
    arguments = ("scan", "--experiments", "solar", "--points", points, "--out", out)
    assert "is no table of a scan" in str(run(*arguments).exception)
    assert out.read_text() == "precious\n"
    assert run(*arguments, "--overwrite").exit_code == 0
    assert run(*arguments).exit_code == 0  # its own
    out = write(tmp_path / "points-with-a-name.csv", GOOD)  # a table of points is none of a scan
    assert "is no table of a scan" in str(run(*arguments[:-1], out).exception)
