"""The errors that a user can cause."""

import errno
import sys
from numbers import Integral


class InputError(ValueError):
    """Bad input from outside: one sentence that says what, where, and what is allowed.

    The command line prints the sentence and exits with code 2; from Python it is a `ValueError`.
    """


def check_whole(**numbers: tuple[object, int]) -> None:
    """Refuse what is no whole number from its least one on, given as ``name=(value, least)``."""
    for name, (value, least) in numbers.items():
        if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
            raise InputError(f"{name}: {value!r} is not allowed (a whole number >= {least})")


_OF_THE_MACHINE = {
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
    errno.ENOSPC,
    getattr(errno, "EDQUOT", errno.ENOSPC),
}


_OF_MEMORY = ("allocate memory", "failed to map segment", "can't start new thread", "bad_alloc")


def of_the_machine(error: BaseException) -> bool:
    """Whether memory, disk or files have run out: no fault of what was being read."""
    return out_of_memory(error) or (isinstance(error, OSError) and error.errno in _OF_THE_MACHINE)


def out_of_memory(error: BaseException) -> bool:
    """Whether memory has run out, in whatever words a library says so."""
    return isinstance(error, MemoryError) or (
        isinstance(error, (RuntimeError, ImportError))
        and any(word in str(error) for word in _OF_MEMORY)
    )


def suggest(name: str, allowed: list[str]) -> str:
    """Return ``"allowed: a, b, c"``, with the closest name first when `name` looks like a slip.

    Args:
        name: What the user wrote.
        allowed: Every accepted name.
    """
    import difflib

    known = [
        one_line(one, 100) for one in allowed
    ]  # names that a user's model declares may be no text
    close = difflib.get_close_matches(one_line(name, 100), known, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"{hint}allowed: {', '.join(known)}"


def brief(value: object, most: int = 80) -> str:
    """`repr` of what a user gave, cut: a message quotes enough to find it, never all of it.

    Args:
        value: Anything, however large or deep.
        most: Characters, about.
    """
    import reprlib

    cut = reprlib.Repr()  # looks at the first few members only, so that size costs nothing
    cut.maxstring = cut.maxother = cut.maxlong = most
    cut.maxlevel = 3
    text = cut.repr(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def tell(sentence: object) -> None:
    """Say one line on standard error, if there is one: what a user should know before the end."""
    if sys.stderr is not None:
        print(f"pontecorvo: {one_line(sentence)}", file=sys.stderr, flush=True)


def one_line(text: object, most: int = 1000) -> str:
    """Text as one printable line, its middle cut where it is long."""
    line = " ".join(str(text).split())
    if len(line) > most:
        line = f"{line[: most // 2]} … {line[-most // 2 :]}"
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in line)
