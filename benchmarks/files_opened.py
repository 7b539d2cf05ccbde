"""How many files has one to open to read how a study is run: `pontecorvo run seesaw-no`.

    python benchmarks/files_opened.py

Counts the modules of the package that a fresh process has loaded after the run, by the shipped
network, without and with a report; and what its modules import, at the start and at any depth,
other problems apart. `tests/test_architecture.py` holds the first and the third.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from test_architecture import closure_of_a_run, loaded_by_a_run


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for report in (False, True):
            count = len(loaded_by_a_run(Path(folder) / f"out-{report}", report))
            print(f"loaded by a run {'with' if report else 'without'} a report: {count} files")
    print(f"imported at the start, other problems apart: {len(closure_of_a_run(True))} files")
    print(f"imported at any depth, other problems apart: {len(closure_of_a_run(False))} files")


if __name__ == "__main__":
    main()
