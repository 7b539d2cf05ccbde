"""What to cite, as BibTeX: entries that ship, and entries made from a source's own words.

A source is a text such as ``DANSS, PLB 787 (2018) 56, arXiv:1804.04046``, or a BibTeX entry. What
the bibliography holds under that arXiv number or DOI is taken whole; of anything else an entry
says what the text says and no more. The reader is for files of our own (one entry after another,
closing brace on a line of its own); for BibTeX of any origin there are packages.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

_ARXIV = re.compile(r"(?:arXiv:)?\b(\d{4}\.\d{4,5}|(?:[a-z-]+(?:\.[A-Z]{2})?)/\d{7})\b")
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s,;\"'<>{}]+")
_ENTRY = re.compile(r"^@(\w+)\{([^,\s]+),.*?^\}\s*$", re.MULTILINE | re.DOTALL)
_LONGEST = 500


@dataclass(frozen=True)
class Citation:
    """One entry, and what it was used for.

    Attributes:
        key: BibTeX key.
        entry: The whole entry.
        role: ``data``, ``model``, ``method`` or ``software``.
    """

    key: str
    entry: str
    role: str

    def field(self, name: str) -> str:
        """A field's text without braces; empty where there is none."""
        found = re.search(rf"^\s*{name}\s*=\s*[{{\"](.*)[}}\"],?\s*$", self.entry, re.MULTILINE)
        return re.sub(r"[{}]", "", found[1]).strip() if found else ""

    @property
    def short(self) -> str:
        """Authors, title, place and year on one line, for people."""
        authors = self.field("author") or self.field("collaboration")
        names = [n.strip() for n in authors.split(" and ") if n.strip()]
        who = names[0].partition(",")[0] if names else ""
        if len(names) == 2 and names[1] != "others":
            who += f" and {names[1].partition(',')[0]}"
        elif len(names) > 1:
            who += " et al."
        note = self.field("note")
        if not self.field("title") and note:
            return _unescaped(note)
        place = " ".join(self.field(n) for n in ("journal", "volume") if self.field(n))
        number = self.field("eprint")
        parts = [
            who,
            self.field("title"),
            place or self.field("howpublished"),
            self.field("year"),
            f"arXiv:{number}" if number else self.field("doi"),
        ]
        return _unescaped(", ".join(part for part in parts if part))


def _unescaped(text: str) -> str:
    """LaTeX's escapes taken away, formulas left as they are."""
    parts = re.split(r"((?<!\\)\$[^$]*\$)", text)
    return "".join(p if i % 2 else re.sub(r"\\(.)", r"\1", p) for i, p in enumerate(parts))


def read_bibliography(path: Path) -> dict[str, str]:
    """Entries of a BibTeX file of our own, by key."""
    text = path.read_text(encoding="utf-8")
    return {match[2]: match[0].strip() for match in _ENTRY.finditer(text)}


def citations_of(
    sources: Iterable[str], role: str, bibliography: Mapping[str, str]
) -> list[Citation]:
    """Entries for sources, each once, in order.

    Args:
        sources: Keys of the bibliography, BibTeX entries, or texts that name arXiv numbers or DOIs.
        role: What they were used for.
        bibliography: Known entries by key.
    """
    by_number = {}
    for key, entry in bibliography.items():
        for name in ("eprint", "doi"):
            number = Citation(key, entry, role).field(name)
            if number:
                by_number[number.lower()] = key
    found: dict[str, Citation] = {}
    for source in sources:
        text = " ".join(str(source).split()) if not str(source).lstrip().startswith("@") else source
        if not text.strip():
            continue
        for key, entry in _entries(text.strip(), by_number, bibliography):
            found.setdefault(key, Citation(key, entry, role))
    return list(found.values())


def unique(citations: Sequence[Citation]) -> list[Citation]:
    """Each key once; of two entries with one key and other words, the second is renamed."""
    found: dict[str, Citation] = {}
    for one in citations:
        if one.key not in found:
            found[one.key] = one
        elif found[one.key].entry != one.entry:
            number = 2
            while f"{one.key}-{number}" in found:
                number += 1
            key = f"{one.key}-{number}"
            entry = one.entry.replace(f"{{{one.key},", f"{{{key},", 1)
            found[key] = replace(one, key=key, entry=entry)
    return list(found.values())


def _entries(
    text: str, by_number: Mapping[str, str], bibliography: Mapping[str, str]
) -> list[tuple[str, str]]:
    if text in bibliography:
        return [(text, bibliography[text])]
    if text.startswith("@"):
        own = [(match[2], match[0].strip()) for match in _ENTRY.finditer(text + "\n")]
        return own or [_unnamed(text)]
    result = []
    for match in _DOI.finditer(text):
        doi = match[0].rstrip(".)")
        key = by_number.get(doi.lower())
        result.append((key, bibliography[key]) if key else _made(f"doi-{doi}", "doi", doi, text))
    for match in _ARXIV.finditer(_DOI.sub("", text)):
        number = match[1]
        key = by_number.get(number.lower())
        made = _made(f"arXiv-{number}", "eprint", number, text)
        result.append((key, bibliography[key]) if key else made)
    return result or [_unnamed(text)]


def _plain(text: str) -> str:
    """Text of someone else inside a BibTeX field."""
    return re.sub(r"([%#&_$])", r"\\\1", re.sub(r"[{}\\\"@]", "", text))[:_LONGEST]


def _key(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "-", text).strip("-")


def _made(key: str, field: str, number: str, text: str) -> tuple[str, str]:
    lines = [f"  {field} = {{{number}}},"]
    if field == "eprint":
        lines += ["  archivePrefix = {arXiv},", f"  url = {{https://arxiv.org/abs/{number}}},"]
    else:
        lines += [f"  url = {{https://doi.org/{number}}},"]
    lines += [f"  note = {{{_plain(text)}}},"]
    key = _key(key)
    return key, "\n".join([f"@misc{{{key},", *lines, "}"])


def _unnamed(text: str) -> tuple[str, str]:
    key = _key(text)[:40].strip("-") or "source"
    return key, f"@misc{{{key},\n  note = {{{_plain(text)}}},\n}}"
