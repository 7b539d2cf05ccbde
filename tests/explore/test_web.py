"""The application over HTTP, as the page uses it."""

import json

import pytest

from explorer_toy import HOSTILE, ask, served, toy_explorer, toy_plane
from pontecorvo.explore.packing import unpack
from pontecorvo.explore.web import page_files


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    explorer = toy_explorer(tmp_path_factory.mktemp("toy") / "run", draws=2000)
    with served(explorer) as found:
        yield found


@pytest.fixture(scope="module")
def plane():
    with served(toy_plane()) as found:
        yield found


def told(answer):
    return json.loads(answer[2])


def test_the_page_and_its_files(port):
    status, headers, body = ask(port, "/")
    assert status == 200
    assert headers["Content-Type"].startswith("text/html")
    for name in page_files():
        if name.endswith((".js", ".css")):
            status, headers, content = ask(port, f"/page/{name}")
            assert status == 200
            assert headers["Content-Type"].startswith(("text/javascript", "text/css"))
            for outside in (b"http://", b"https://", b"//cdn", b"innerHTML", b"eval("):
                assert outside not in content.replace(b"http://www.w3.org/", b""), name
    assert b"http" not in body
    assert b"<script>" not in body
    assert b"style=" not in body


@pytest.mark.parametrize(
    "path",
    [
        "/page/../explorer.py",
        "/page/..%2f..%2f..%2fetc%2fpasswd",
        "/page/%2e%2e/%2e%2e/pyproject.toml",
        "/page//etc/passwd",
        "/page/.",
        "/page/index.html%00.js",
        "/settings.yaml",
        "/docs",
        "/openapi.json",
    ],
)
def test_no_path_leaves_its_folder(port, path):
    status, _, body = ask(port, path)
    assert status in (400, 404)
    assert b"root:" not in body


def test_session_answer_draw_and_files(port):
    session = told(ask(port, "/api/session"))
    assert session["kind"] == "posterior"
    question = {"values": {"x": 1.0}, "errors": {}, "extra": [], "pairs": session["pairs"]}
    status, _, body = ask(port, "/api/answer", question, X_Page="one")
    assert status == 200
    header, rows = unpack(body)
    assert abs(rows["weight"].sum() - 1) < 1e-4
    assert header["command"] == "pontecorvo sample toy.py --set x=1.0"
    draw = told(ask(port, "/api/draw", {"answer": header["answer"], "index": None}))
    assert draw["values"][HOSTILE] == pytest.approx(float(rows[HOSTILE][draw["index"]]), rel=1e-5)
    for form in ("json", "csv", "yaml", "draws"):
        asked = {"answer": header["answer"], "index": 0, "format": form}
        status, headers, text = ask(port, "/api/file", asked)
        assert status == 200
        assert headers["Content-Type"].startswith("text/plain")
        assert text
    prior = unpack(ask(port, "/api/prior")[2])[1]
    assert set(prior) == set(rows) - {"weight"}
    assert told(ask(port, "/api/improve", question))["stopped"] is False


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/api/answer", {"values": {"x": 1000.0}}),
        ("/api/answer", {"values": {"nothing": 1.0}}),
        ("/api/answer", {"errors": {"x": 0}}),
        ("/api/answer", []),
        ("/api/answer", b"{"),
        ("/api/answer", b"[" * 20_000),
        ("/api/answer", b"\xff\xfe"),
        ("/api/draw", {"answer": 10**8, "index": 0}),
        ("/api/draw", {"answer": "1"}),
        ("/api/draw", {"answer": 1, "index": 1.5}),
        ("/api/file", {"answer": 1, "index": True, "format": "json"}),
        ("/api/improve", {"pairs": 3}),
    ],
)
def test_refusals_are_one_sentence(port, path, content):
    ask(port, "/api/answer", {})
    status, headers, body = ask(port, path, content)
    assert status == 200
    assert headers["X-Answer"] == "refused"
    sentence = json.loads(body)["refused"]
    assert sentence
    assert "\n" not in sentence
    assert "Traceback" not in sentence


def test_a_bug_is_an_error_and_the_server_lives(port, monkeypatch, capsys):
    from pontecorvo.explore import explorer

    monkeypatch.setattr(explorer, "closure", lambda *_: 1 / 0)
    status, _, body = ask(port, "/api/answer", {})
    monkeypatch.undo()
    assert status == 500
    assert json.loads(body)["error"].startswith("ZeroDivisionError")
    assert "Traceback" in capsys.readouterr().err
    assert ask(port, "/api/answer", {})[0] == 200


def test_a_plane(plane):
    assert told(ask(plane, "/api/session"))["kind"] == "plane"
    question = {"on": ["one", "two"], "methods": ["wilks"], "levels": [0.95]}
    found = told(ask(plane, "/api/answer", question))
    assert found["lines"][0]["method"] == "wilks"
    assert found["commands"] == ["pontecorvo contour --experiments one,two"]
    status, _, text = ask(plane, "/api/file", {"on": ["one"], "format": "yaml"})
    assert status == 200
    assert b"experiments:\n- one" in text
    for path in ("/api/answer", "/api/file"):
        assert ask(plane, path, {"on": [], "methods": []})[1]["X-Answer"] == "refused"
    assert ask(plane, "/api/draw", {"answer": 1})[0] == 404
