"""Hostile inputs from good ones: bytes changed, cut, doubled, and what has hurt others before."""

import random

TOKENS = [
    *(
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\r",
        b"\n\n",
        b"\t",
        b"  ",
        b"\\",
        b'"',
        b"'",
        b"$",
        b"%s",
    ),
    *(
        b"nan",
        b".nan",
        b"-.inf",
        b"1e999",
        b"-1",
        b"0",
        b"010",
        b"1:30",
        b"0x1F",
        b"1e-400",
        b"9" * 40,
    ),
    *(b"null", b"~", b"yes", b"[]", b"{}", b"[[[[", b"{a: {a: {a: 1}}}", b"*a", b"&a", b"<<: *a"),
    *(b"!!python/object/apply:os.system [x]", b"!!binary x", b"---", b"...", b"2020-13-45", b"? "),
    *(b"../../etc/passwd", b"/dev/zero", b"/dev/stdin", b".", b"~/x", b"a" * 300, b"\x1b[31m"),
    *("\u2028".encode(), "\U0001f600".encode(), b"$\\frac{1}$", b"<script>", b"=1+1", b"{{1}}"),
]


def mutated(content: bytes, rng: random.Random) -> bytes:
    """Some content with one to six changes."""
    made = bytearray(content)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(made) + 1)
        kind = rng.randrange(7)
        if kind == 0 and made:
            made[at % len(made)] ^= 1 << rng.randrange(8)
        elif kind == 1:
            made[at:at] = rng.choice(TOKENS)
        elif kind == 2:
            del made[at : at + rng.randint(1, 40)]
        elif kind == 3:
            made[at:at] = made[at : at + rng.randint(1, 60)]
        elif kind == 4:
            del made[at:]
        elif kind == 5:  # a value of a mapping, or a cell, replaced
            start = max(made.find(b":", at), made.find(b",", at))
            if start >= 0:
                stop = start + 1
                while stop < len(made) and made[stop] not in b",\n}]":
                    stop += 1
                made[start + 1 : stop] = b" " + rng.choice(TOKENS)
        else:
            made[at : at + 4] = bytes(rng.randrange(256) for _ in range(4))
    return bytes(made)
