"""The errors that a user can cause."""


class InputError(ValueError):
    """Bad input from outside: one sentence that says what, where, and what is allowed.

    The command line prints the sentence and exits with code 2; from Python it is a `ValueError`.
    """


def suggest(name: str, allowed: list[str]) -> str:
    """Return ``"allowed: a, b, c"``, with the closest name first when `name` looks like a slip.

    Args:
        name: What the user wrote.
        allowed: Every accepted name.
    """
    import difflib

    close = difflib.get_close_matches(name, allowed, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"{hint}allowed: {', '.join(allowed)}"
