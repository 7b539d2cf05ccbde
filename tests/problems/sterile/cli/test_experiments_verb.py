"""`pontecorvo experiments` prints what the table says, in either form."""

import csv

from click.testing import CliRunner

from pontecorvo.problems.sterile.cli.experiments import experiments

TABLE = "pontecorvo.problems.sterile.cli.experiments_table"


def test_one_or_all_as_a_table_or_csv(monkeypatch):
    from pontecorvo.problems.sterile.cli.experiments_table import COLUMNS

    row, calls = dict.fromkeys(COLUMNS, "x"), []
    monkeypatch.setattr(f"{TABLE}.describe_all", lambda setting, fit: calls.append(fit) or [row])
    monkeypatch.setattr(f"{TABLE}.print_one", lambda name, setting, fit: calls.append(name))
    monkeypatch.setattr(f"{TABLE}.print_table", lambda rows: calls.append(rows))
    done = CliRunner().invoke(experiments, ["--no-fit", "--csv"])
    assert list(csv.DictReader(done.output.splitlines())) == [row]
    assert CliRunner().invoke(experiments, []).exit_code == 0
    assert CliRunner().invoke(experiments, ["danss"]).exit_code == 0
    assert calls == [False, True, [row], "danss"]
