"""Where the server listens, and its token."""

import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.explore.server import address, chosen_token, listening


def test_tokens():
    assert chosen_token("127.0.0.1", None) is None
    made = chosen_token("0.0.0.0", None)
    assert made is not None
    assert len(made) >= 32
    assert made != chosen_token("0.0.0.0", None)
    own = "0123456789abcdef"
    assert chosen_token("127.0.0.1", own) == own
    for bad in ("short", "x" * 20 + "&", "x" * 20 + "\n", "ä" * 20, ""):
        with pytest.raises(InputError, match="--token"):
            chosen_token("0.0.0.0", bad)


def test_sockets():
    with listening("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        assert port > 0
        first.listen()
        with pytest.raises(InputError, match="cannot listen there"):
            listening("127.0.0.1", port)
    with pytest.raises(InputError, match="give 0 to 65535"):
        listening("127.0.0.1", 70000)
    with pytest.raises(InputError, match="cannot listen there"):
        listening("no.such.host.invalid", 0)


def test_addresses():
    assert address("127.0.0.1", 8765, None) == "http://127.0.0.1:8765/"
    assert address("::1", 1, "t") == "http://[::1]:1/?token=t"
    assert "0.0.0.0" not in address("0.0.0.0", 1, "t")
