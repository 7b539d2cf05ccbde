"""``pontecorvo explore``: options, refusals, and a server that starts and ends."""

import signal
import subprocess
import sys
import urllib.request

import pytest

from pontecorvo.cli.explore import explore


def test_it_is_a_verb(command):
    assert explore.name == "explore"
    found = command("explore", "--help")
    assert found.code == 0
    assert "runs/mine" in found.out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nothing-of-the-kind",), "is unknown"),
        (("--port", "70000"), "--port 70000"),
        (("--host", "0.0.0.0", "--token", "short"), "--token"),
        (("seesaw-no", "--draws", "3"), "draws: 3"),
    ],
)
def test_refusals(command, arguments, sentence):
    port = () if "--port" in arguments else ("--port", "0")
    found = command("explore", *arguments, *port)
    assert found.code == 2
    assert sentence in found.err
    assert len(found.err.strip().splitlines()) <= 2


def test_without_the_extra_it_says_what_to_install(command, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    found = command("explore", "seesaw-no")
    assert found.code == 2
    assert "pip install 'pontecorvo[explore]'" in found.err


def test_a_server_starts_and_ends(finished_runs, tmp_path):
    """A run whose network is taken away: nothing is drawn, so that it is up at once."""
    import shutil

    import yaml

    folder = tmp_path / "run"
    shutil.copytree(finished_runs["no"], folder)
    settings = yaml.safe_load((folder / "settings.yaml").read_text())
    settings["vev"] = 175.0  # no network ships for it
    (folder / "settings.yaml").write_text(yaml.safe_dump(settings))
    process = subprocess.Popen(
        [sys.executable, "-m", "pontecorvo", "explore", str(folder), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    line = process.stdout.readline()
    address = line.split("open ")[1].split()[0]
    assert address.startswith("http://127.0.0.1:")
    with urllib.request.urlopen(address, timeout=60) as answer:
        assert b"pontecorvo" in answer.read()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "ended" in out
    assert "Traceback" not in err
