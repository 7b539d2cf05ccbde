"""How a command ends: its exit code, and one sentence for each way of going wrong."""

import errno
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import click

from ..base.errors import InputError, one_line, out_of_memory

DONE, FILES, BAD_INPUT, NOT_GOOD = 0, 1, 2, 3
"""Exit codes: done; files or memory; bad input; done, but not converged or a failed check."""
INTERRUPTED, TERMINATED = 130, 143

RESUMING = ("run", "check", "compare", "train", "contour", "simulate")
"""Verbs that take up where they were; others begin anew."""


class _Terminated(BaseException):
    """SIGTERM, answered as Ctrl-C is: what is open is closed, what is whole is kept."""


def ended(work: Callable[[], Any]) -> int:
    """Do the work and give the exit code, with one sentence on standard error if it is not 0.

    Args:
        work: The command; a whole number that it returns is the exit code.
    """
    _open_standard_streams()
    try:
        with _sigterm():
            code = work()
    except InputError as error:
        return _say(error, BAD_INPUT)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "pontecorvo"
        sentence = error.format_message().rstrip(".")
        return _say(f"{sentence} (see '{command} --help')", BAD_INPUT)
    except click.ClickException as error:
        return _say(error.format_message(), BAD_INPUT)
    except BrokenPipeError:  # the reader of a pipe has gone; the results are in their files
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FILES
    except OSError as error:
        return _say(_of_files(error), FILES)
    except (click.Abort, KeyboardInterrupt):
        return _say(_stopped(), INTERRUPTED)
    except _Terminated:
        return _say(_stopped(), TERMINATED)
    except Exception as error:
        if not out_of_memory(error):  # a fault of ours is shown whole
            raise
        return _say("memory is full; give fewer draws, or run it where there is more", FILES)
    return code if isinstance(code, int) else DONE


def _say(sentence: object, code: int) -> int:
    click.echo(f"pontecorvo: {one_line(sentence)}", err=True)
    return code


def _of_files(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    reason = error.strerror or str(error) or type(error).__name__
    again = "the same command takes up where it was" if _resumes() else "give the command again"
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return f"{where}{reason}; raise the limit (ulimit -n), and {again}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{where}{reason}; make room, and {again}"
    if error.errno == errno.EFBIG:
        return f"{where}{reason} for this system or its limit (ulimit -f); raise it, and {again}"
    return f"{where}{reason}"


def _stopped() -> str:
    if _resumes():
        return "stopped; finished parts are kept, and the same command takes up where it was"
    return "stopped; nothing was written, and the same command begins anew"


def _resumes() -> bool:
    return next((word for word in sys.argv[1:] if not word.startswith("-")), "") in RESUMING


@contextmanager
def _sigterm() -> Iterator[None]:
    """Raise in the main thread when SIGTERM comes, and put back what was there before."""

    def answer(number: int, frame: FrameType | None) -> None:
        raise _Terminated

    try:
        before = signal.signal(signal.SIGTERM, answer)
    except ValueError:  # not the main thread, which alone may do so
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


def _open_standard_streams() -> None:
    """Give a process without standard streams (a daemon, ``2>&-``) ones that lead nowhere.

    Else the first file that is opened takes the number of standard error, and a library that
    complains there writes into it.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number, which is this one
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
