"""`pontecorvo simulate`: bad input."""

from pontecorvo.cli.simulate import simulate


def test_help_names_every_option():
    names = {option for p in simulate.params for option in p.opts}
    assert {"--draws", "--out", "--seed", "--keep-parameters", "--workers"} <= names


def test_bad_input_is_one_sentence(command, tmp_path):
    for wrong in (
        ("seesaw-no", "--draws", 0),
        ("seesaw-no", "--draws", 10, "--precision", "half"),
        ("seesaw-no", "--draws", 10, "--shard", 10),
        ("no-such-study", "--draws", 10),
        ("seesaw-no", "--draws", 10, "--workers", "some"),
    ):
        answer = command("simulate", *wrong, "--out", tmp_path / "none")
        assert answer.code == 2
        assert answer.err.count("\n") == 1
        assert not (tmp_path / "none").exists()
