"""Settings of the documentation site (Sphinx); ``make docs`` builds it, without network.

Sphinx and MyST read the pages as they lie in this folder, check every link, run the tutorials
(kept by content in build/docs/cache, so that a second build is quick) and take the reference from
the code. Nothing of the finished site comes from another machine: KaTeX lies in _static/katex.
"""

import hashlib
import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path.insert(0, str(HERE / "_ext"))

from pontecorvo import __version__  # noqa: E402


def code_hash() -> str:
    """What the tutorials' outputs depend on besides their own text: the package."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "src" / "pontecorvo").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


project = "pontecorvo"
author = "The pontecorvo founders"
copyright = author  # Sphinx's own name of this setting
version = release = __version__

extensions = [
    "myst_nb",  # pages in Markdown, and tutorials as notebooks
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",  # docstrings in Google's style
    "sphinx_click",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinxcontrib.katex",
    "docstrings",  # ours, in _ext: bars in docstrings
    "settings_tables",  # ours, in _ext: tables of settings from the schemas
    "page_sources",  # ours, in _ext: links that leave this folder, and pages nobody listed
]
exclude_patterns = ["_ext", "_static", "schema", "figures"]
source_suffix = {".md": "myst-nb", ".rst": "restructuredtext"}
smartquotes_action = "qe"  # quotes and ellipses; an option's two dashes stay two

# --- Markdown as GitHub reads it
myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4
myst_dmath_double_inline = True

# --- tutorials: executed by the build, kept by the hash of their text and of the package
nb_execution_mode = {"off": "off"}.get(os.environ.get("DOCS_TUTORIALS", ""), "cache")
nb_execution_cache_path = str(ROOT / "build" / "docs" / "cache" / code_hash())
nb_execution_timeout = 900  # seconds for a cell: machines are shared
nb_execution_raise_on_error = True
nb_execution_in_temp = True
nb_merge_streams = True
nb_render_markdown_format = "myst"
# kernels keep their settings here and not in a home, and do not warn of how they talk to us
kernels = ROOT / "build" / "docs" / "ipython"
(kernels / "profile_default").mkdir(parents=True, exist_ok=True)
quiet = kernels / "profile_default" / "ipython_kernel_config.py"
quiet.write_text("c = get_config()\nc.IPKernelApp.log_level = 40\n")
os.environ["IPYTHONDIR"] = str(kernels)
os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"

# --- the Python reference
default_role = "py:obj"  # `Name` in a docstring is a link where the name is known
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autosummary_generate = False
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
python_maximum_signature_line_length = 88
add_module_names = False
toc_object_entries_show_parents = "hide"

# --- how it looks
html_theme = "furo"
html_title = f"pontecorvo {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "navigation_with_keys": True,
    "light_css_variables": {
        "color-brand-primary": "#1b5e8c",
        "color-brand-content": "#1b5e8c",
    },
    "dark_css_variables": {
        "color-brand-primary": "#7fc0ec",
        "color-brand-content": "#7fc0ec",
    },
}
pygments_style = "default"
pygments_dark_style = "monokai"
templates_path: list[str] = []

# --- formulas: KaTeX's programs come with the extension, its style and fonts lie in _static
katex_css_path = "katex/katex.min.css"
katex_options = "throwOnError: false, strict: false"
copybutton_exclude = ".linenos, .gp, .go"
