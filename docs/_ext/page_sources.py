"""Two changes to pages as they are read: links to the root's Markdown files, and the rest.

On GitHub a page of docs/ links to ``../CONTRIBUTING.md``; here that file is a page of project/.
Other files outside docs/ (sources, examples) need nothing: MyST copies what a page links to.

The list of explanations ends with a line REST: every page of docs/ that no list names, so that a
page which somebody adds is on the site without being asked for.
"""

import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

LISTING = "explanations/index"
PAGES = {
    "README": "index",
    "CONTRIBUTING": "project/contributing",
    "CHANGELOG": "project/changelog",
    "SECURITY": "project/security",
}
LINK = re.compile(rf"\]\((?:\.\./)+({'|'.join(PAGES)})\.md(#[^)]*)?\)")


def moved(text: str, depth: int) -> str:
    """A page's text with its links to root pages turned to this site's; `depth` folders deep."""
    up = "../" * depth
    return LINK.sub(lambda match: f"]({up}{PAGES[match[1]]}.md{match[2] or ''})", text)


def unlisted(folder: Path) -> list[str]:
    """Pages of the folder itself (not of those in it) that no list of the site names."""
    lists = [(folder / f"{name}.md").read_text("utf-8") for name in ("index", LISTING)]
    named = set(re.findall(r"^/?([\w-]+)$", "\n".join(lists), re.MULTILINE))
    return sorted(path.stem for path in folder.glob("*.md") if path.stem not in {*named, "index"})


def _on_source_read(app: Sphinx, name: str, content: list[str]) -> None:
    content[0] = moved(content[0], name.count("/"))
    if name == LISTING:
        rest = "\n".join(f"/{page}" for page in unlisted(Path(app.srcdir)))
        content[0] = re.sub(r"^REST$", rest, content[0], flags=re.MULTILINE)


def _always(app: Sphinx, *_: Any) -> list[str]:
    """The listing is read at every build: a new page changes it."""
    return [LISTING]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the hooks."""
    app.connect("source-read", _on_source_read)
    app.connect("env-get-outdated", _always)
    return {"parallel_read_safe": True}
