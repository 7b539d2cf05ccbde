"""Links of the pages to Markdown files at the root, which stand on this site under other names.

On GitHub a page of docs/ links to ``../CONTRIBUTING.md``; here that file is the page contributing.
Other files outside docs/ (sources, examples) need nothing: MyST copies what a page links to.
"""

import re
from typing import Any

from sphinx.application import Sphinx

PAGES = {
    "README": "index",
    "CONTRIBUTING": "contributing",
    "CHANGELOG": "changelog",
    "SECURITY": "security",
}
LINK = re.compile(r"\]\((?:\.\./)+(%s)\.md(#[^)]*)?\)" % "|".join(PAGES))


def moved(text: str, depth: int) -> str:
    """A page's text with its links to root pages turned to this site's; `depth` folders deep."""
    up = "../" * depth
    return LINK.sub(lambda match: f"]({up}{PAGES[match[1]]}.md{match[2] or ''})", text)


def _on_source_read(app: Sphinx, name: str, content: list[str]) -> None:
    content[0] = moved(content[0], name.count("/"))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the hook."""
    app.connect("source-read", _on_source_read)
    return {"parallel_read_safe": True}
