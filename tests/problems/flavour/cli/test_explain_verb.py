"""`pontecorvo explain` hands on what was asked, and prints what was found."""

from click.testing import CliRunner

from pontecorvo.base.errors import InputError
from pontecorvo.problems.flavour.cli.explain import explain


def test_findings_are_printed_and_options_handed_on(monkeypatch, tmp_path):
    calls = []

    def study(*arguments):
        calls.append(arguments)
        return ["nothing is left", "but this"]

    monkeypatch.setattr("pontecorvo.problems.flavour.structure.explain_study.explain_study", study)
    out = str(tmp_path / "e")
    done = CliRunner().invoke(
        explain, ["seesaw-no", "--out", out, "--draws", "600", "--seed", "3", "--extras"]
    )
    assert done.exit_code == 0
    assert done.output.splitlines()[:3] == ["nothing is left", "but this", f"results in {out}"]
    assert calls == [("seesaw-no", out, 600, 3, False, True)]


def test_too_few_draws_and_no_folder_are_refused():
    for arguments, words in (
        (["seesaw-no", "--out", "e", "--draws", "499"], "at least 500"),
        (["seesaw-no", "--out", " "], "--out: is empty"),
    ):
        done = CliRunner().invoke(explain, arguments)
        assert isinstance(done.exception, InputError)
        assert words in str(done.exception)
