"""``python -m pontecorvo``."""

from .cli import main

main()
