"""SLHA files: blocks of numbered entries, read and written without losing a digit.

P. Skands et al., JHEP 07 (2004) 036; B. Allanach et al., Comput. Phys. Commun. 180 (2009) 8. Only
what blocks need is here, in 150 lines, since `pyslha` and `xslha` round what they write.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ....base.errors import InputError, suggest
from ....base.files import write_text

Key = tuple[int, ...]
_MOST_BYTES = 20_000_000


@dataclass
class Block:
    """One block.

    Attributes:
        name: In capitals.
        entries: Indices to value; ``()`` where a block has a single value without an index.
        comments: Indices to the comment behind the value.
        scale: ``Q=`` of its header, GeV, or None.
    """

    name: str
    entries: dict[Key, float] = field(default_factory=dict)
    comments: dict[Key, str] = field(default_factory=dict)
    scale: float | None = None

    def __getitem__(self, key: int | Key) -> float:
        key = (key,) if isinstance(key, int) else key
        if key not in self.entries:
            wanted = " ".join(map(str, key)) or "its value"
            have = ["(" + " ".join(map(str, known)) + ")" for known in self.entries]
            raise InputError(
                f"block {self.name}: entry {wanted} is missing; it has {', '.join(have)}"
            )
        return self.entries[key]

    def __contains__(self, key: int | Key) -> bool:
        return ((key,) if isinstance(key, int) else key) in self.entries


def number(text: str, where: str) -> float:
    """A finite number, also with Fortran's D for an exponent.

    Raises:
        InputError: If it is none.
    """
    try:
        value = float(text.replace("D", "E").replace("d", "e"))
    except ValueError:
        raise InputError(f"{where}: {text[:40]!r} is not a number") from None
    if not math.isfinite(value):
        raise InputError(f"{where}: {text[:40]!r} is not a finite number")
    return value


def shown(value: object) -> str:
    """A value as a message shows it, cut."""
    try:
        return repr(str(value)[:40])
    except ValueError:  # Python refuses to print whole numbers of thousands of digits
        return "a number of thousands of digits"


def plain_number(value: object) -> float | None:
    """A number of YAML or JSON as a finite float; None for anything else, true and false too."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        found = float(value)
    except OverflowError:  # a whole number of hundreds of digits
        return None
    return found if math.isfinite(found) else None


def read_text_file(path: Path | str, what: str) -> str:
    """Text of a small file that a user named.

    Raises:
        InputError: If it cannot be read, is no regular file, is too large, or is no text.
    """
    path = Path(path)
    try:
        if path.exists() and not path.is_file():
            raise InputError(f"{path}: is no regular file; give {what}")
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"{path}: is larger than {_MOST_BYTES:,} bytes; that is no {what}")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); give {what}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not text in UTF-8; give {what}") from None


def read_slha(path: Path | str) -> dict[str, Block]:
    """Blocks by name. Entries that are no numbers (SPINFO's texts) are left out; decays too.

    Raises:
        InputError: One sentence with the line.
    """
    blocks: dict[str, Block] = {}
    block: Block | None = None
    for line_number, line in enumerate(read_text_file(path, "an SLHA file").splitlines(), 1):
        where = f"{path}, line {line_number}"
        content, _, comment = line.partition("#")
        words = content.split()
        if not words:
            continue
        head = words[0].upper()
        if head == "BLOCK":
            block = _header(words, where)
            if block.name in blocks:
                raise InputError(f"{where}: block {block.name} stands twice; name each once")
            blocks[block.name] = block
        elif head == "DECAY":
            block = None
        elif block is None:
            if not blocks:
                raise InputError(f"{where}: {line.strip()[:40]!r} stands before any BLOCK")
        else:  # (lines of a decay table, which follow some block, are left out)
            _entry(block, words, comment.strip(), where)
    if not blocks:
        raise InputError(f"{path}: holds no BLOCK; give an SLHA file")
    return blocks


def _header(words: list[str], where: str) -> Block:
    if len(words) < 2:
        raise InputError(f"{where}: BLOCK has no name")
    block = Block(words[1].upper())
    rest = "".join(words[2:]).upper()
    if rest.startswith("Q="):
        block.scale = number(rest[2:], where)
    return block


def _entry(block: Block, words: list[str], comment: str, where: str) -> None:
    *indices, value = words
    if not all(word.lstrip("+-").isdigit() for word in indices):
        if block.name in ("SPINFO", "DCINFO", "MODSEL", "FCINFO"):
            return  # texts
        bad = next(word for word in indices if not word.lstrip("+-").isdigit())
        raise InputError(f"{where}: block {block.name}: index {bad[:40]!r} is not a whole number")
    if block.name in ("SPINFO", "DCINFO", "FCINFO"):
        return
    key = tuple(int(word) for word in indices)
    if key in block.entries:
        shown = " ".join(map(str, key))
        raise InputError(f"{where}: block {block.name}: entry {shown} stands twice")
    block.entries[key] = number(value, f"{where}: block {block.name}")
    if comment:
        block.comments[key] = comment


def require(blocks: Mapping[str, Block], name: str, path: Path | str) -> Block:
    """A block that must be there.

    Raises:
        InputError: If it is not, with those that are.
    """
    if name not in blocks:
        raise InputError(f"{path}: block {name} is missing; {suggest(name, list(blocks))}")
    return blocks[name]


def write_slha(path: Path | str, blocks: Mapping[str, Block], title: str = "") -> None:
    """Write blocks, atomically; every number comes back to the last bit."""
    lines = [f"# {line}" for line in title.splitlines()]
    for block in blocks.values():
        scale = f" Q= {block.scale!r}" if block.scale is not None else ""
        lines.append(f"BLOCK {block.name}{scale}")
        for key, value in block.entries.items():
            indices = "".join(f" {index:3d}" for index in key)
            comment = block.comments.get(key, "")
            lines.append(f"{indices}  {float(value)!r:>24}" + (f"  # {comment}" if comment else ""))
    write_text(path, "\n".join(lines) + "\n")
