"""Who is let in: hosts, origins, tokens, sizes, headers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer_toy import ask, served, toy_plane
from pontecorvo.explore.guard import (
    COOKIE,
    HEADERS,
    MOST_BYTES,
    Guard,
    allowed_host,
    host_of,
    is_loopback,
)

TOKEN = "a-token-of-sufficient-length"


@pytest.fixture(scope="module")
def port():
    with served(toy_plane()) as found:
        yield found


@pytest.fixture(scope="module")
def guarded():
    with served(toy_plane(), TOKEN, "0.0.0.0") as found:
        yield found


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_loopback(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.3", "example.org", ""])
def test_beyond_the_loopback(host):
    assert not is_loopback(host)


def test_host_headers():
    names = {"mine"}
    assert host_of("[::1]:80") == "::1"
    assert host_of("LocalHost:80") == "localhost"
    assert allowed_host("127.0.0.1:8765", True, names)
    assert not allowed_host("evil.example:8765", True, names)
    assert not allowed_host("mine", True, names)
    assert allowed_host("mine:8765", False, names)
    assert allowed_host("192.168.0.3:8765", False, names)
    assert not allowed_host("evil.example", False, names)
    assert not allowed_host("", True, names)


@given(st.text(max_size=40))
def test_other_names_never_pass_on_the_loopback(text):
    if not is_loopback(host_of(text)):
        assert not allowed_host(text, True, {"mine"})


def test_another_name_for_this_address_is_refused(port):
    """DNS rebinding: the address is ours, the name is not."""
    assert ask(port, "/")[0] == 200
    assert ask(port, "/", Host="evil.example")[0] == 421
    assert ask(port, "/api/session", Host=f"evil.example:{port}")[0] == 421


def test_every_answer_carries_the_headers(port):
    for path, status in (("/", 200), ("/nothing", 404), ("/page/nothing.js", 404)):
        found, headers, _ = ask(port, path)
        assert found == status
        for name, value in HEADERS.items():
            assert headers[name] == value
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


def test_other_pages_cannot_post(port):
    question = {"on": ["one"], "methods": ["wilks"]}
    assert ask(port, "/api/answer", question)[0] == 200
    assert ask(port, "/api/answer", question, Origin="http://evil.example")[0] == 403
    assert ask(port, "/api/answer", question, Origin="null")[0] == 403
    assert ask(port, "/api/answer", question, Origin=f"http://127.0.0.1:{port}")[0] == 200
    assert ask(port, "/api/answer", question, Sec_Fetch_Site="cross-site")[0] == 403
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert ask(port, "/api/answer", b"on=one", **form)[0] == 415
    assert ask(port, "/api/answer", question, method="PUT")[0] == 405


def test_large_bodies_are_cut(port):
    assert ask(port, "/api/answer", b" " * (MOST_BYTES + 1))[0] == 413
    assert ask(port, "/api/answer", b"{}", Content_Length="999999999999")[0] == 413

    def endless():
        for _ in range(40):
            yield b" " * 4096

    import http.client

    link = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
    link.request("POST", "/api/answer", endless(), headers, encode_chunked=True)
    assert link.getresponse().status == 413
    link.close()


def test_a_token_is_asked_for(guarded):
    assert ask(guarded, "/")[0] == 401
    assert ask(guarded, "/?token=wrong")[0] == 401
    assert ask(guarded, "/api/session", Authorization="Bearer wrong")[0] == 401
    assert ask(guarded, "/api/session", Authorization=f"Bearer {TOKEN}")[0] == 200
    status, headers, _ = ask(guarded, f"//evil.example/?token={TOKEN}")
    assert status == 303
    assert headers["Location"] == "/"
    cookie = headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert ask(guarded, "/", Cookie=f"{COOKIE}={TOKEN}")[0] == 200
    assert ask(guarded, "/", Cookie=f"{COOKIE}={TOKEN}x")[0] == 401
    assert ask(guarded, "/", Cookie="=;;\x01")[0] in (400, 401)


def test_beyond_the_loopback_never_without_token():
    with pytest.raises(ValueError, match="a token is needed"):
        Guard(None, False, None)
