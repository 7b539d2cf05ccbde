"""Where the project keeps data that do not ship, for tests that read it; None elsewhere."""

from pathlib import Path

import pytest

SHARED = next(
    (
        folder / "shared" / "data"
        for folder in Path(__file__).parents
        if (folder / "shared" / "data").is_dir()
    ),
    None,
)
needs_shared = pytest.mark.skipif(SHARED is None, reason="shared/data is absent")
