"""What the sterile commands have in common, and the readers of their arguments."""

import click
import numpy as np
import pytest
from click.testing import CliRunner

from pontecorvo.base.errors import InputError
from pontecorvo.problems.sterile.cli.common_options import make_setting, setting_options
from pontecorvo.problems.sterile.cli.contour_run import parse_levels, parse_points
from pontecorvo.problems.sterile.cli.data import data
from pontecorvo.problems.sterile.cli.scan import scan
from pontecorvo.problems.sterile.cli.scan_table import read_points, scan_points, write_points
from pontecorvo.problems.sterile.experiment_registry import Setting, load_experiment


def test_the_environment_names_a_folder_for_commands(tmp_path, monkeypatch):
    monkeypatch.setenv("PONTECORVO_DATA", str(tmp_path))
    assert make_setting("sm", None, 0.03, ("best.data=runs",)) == Setting(
        "sm", tmp_path, 0.03, (("best.data", "runs"),)
    )
    assert make_setting("hm", "none", 0.02, ()).data is None
    for text in ("best.data", "=runs", "best.data="):
        with pytest.raises(InputError, match="NAME=VALUE"):
            make_setting("hm", None, 0.02, (text,))


def test_every_command_has_the_same_settings():
    @click.command()
    @setting_options
    def command(**chosen):
        assert sorted(chosen) == ["data", "flux", "gallium_cross_section", "options"]

    assert CliRunner().invoke(command, []).exit_code == 0
    assert {"flux", "data", "gallium_cross_section", "options"} <= {p.name for p in scan.params}
    assert list(data.commands) == ["check"]


def test_levels_and_points():
    assert parse_levels("0.95, 0.68,0.95") == (0.68, 0.95)
    assert parse_points("20X30") == (20, 30)
    for wrong in ("", "0.5,1", "a"):
        with pytest.raises(InputError, match="between 0 and 1"):
            parse_levels(wrong)
    for wrong in ("20", "4x20", "20x401", "axb"):
        with pytest.raises(InputError, match="5 to 400"):
            parse_points(wrong)


def test_a_table_of_points_goes_through(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("\ufefflog10_dm2,log10_s22,chi2\n0.5,-1,7\n1.0,-2,8\n", encoding="utf-8")
    header, rows, values = read_points(path)
    assert header == ["log10_dm2", "log10_s22", "chi2"]
    assert values.tolist() == [[-1, 0.5], [-2, 1.0]]
    chi2 = scan_points("solar", Setting(), values)
    expected = load_experiment("solar").chi2(10.0 ** values[:, 0], 10.0 ** values[:, 1])
    np.testing.assert_allclose(chi2, expected)
    write_points(path, header, rows, chi2)
    again = path.read_text().splitlines()
    assert again[0] == "log10_dm2,log10_s22,chi2"
    assert [float(line.split(",")[2]) for line in again[1:]] == chi2.tolist()
