"""``python -m pontecorvo``."""

import os
import sys

# `-m` puts the current folder first: a file of the user's there, named as a module, would be run
if sys.path and not sys.flags.safe_path and sys.path[0] in ("", os.getcwd()):
    del sys.path[0]

from .cli import main

main()
