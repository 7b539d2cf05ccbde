"""``pontecorvo cite`` prints BibTeX, or a line each."""

from pontecorvo.cli.cite import cite


def test_the_verb(command):
    assert cite.name == "cite"
    done = command("cite", "modular-a4-no")
    assert done.code == 0
    assert done.out.startswith("% Data\n\n@")
    assert "Feruglio" in command("cite", "modular-a4-no", "--text").out
    assert command("cite", "no-such-thing").code == 2
