"""Build wheel and sdist, look into them, install the wheel alone, and use it as a stranger would.

    python packaging/package.py [--python python3.13] [--keep FOLDER] [--shared SITE_PACKAGES]

``make package`` calls it. The wheel goes, with pip and constraints.txt, into a new environment
outside the checkout; there `pontecorvo` answers, runs and cites from another folder, without
HOME, and with a site-packages that nobody may write to. With --shared the dependencies are taken
from another environment's site-packages instead of being downloaded: seconds instead of minutes,
and no proof that the requirements are whole.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
FOREIGN = re.compile(r"(^|/)(tests|benchmarks|__pycache__|\.venv|runs|demo)(/|$)|\.nb[ci]$|\.pyc$")
"""What must be in neither archive."""
NEEDED = (
    "pontecorvo/problems/bibliography.bib",
    "pontecorvo/study/software.bib",
    "pontecorvo/report/templates/page.html",
    "pontecorvo/report/templates/page.css",
)
LIMIT = 60_000_000
"""Bytes; PyPI takes 100 MB a file."""
HUMBLE = (
    "setpriv",
    "--inh-caps=-dac_override,-dac_read_search",
    "--bounding-set=-dac_override,-dac_read_search",
)
"""Root may write anywhere, and then permissions prove nothing: this takes that from it."""
MODEL = """\
import numpy as np
from pontecorvo import GaussianMeasurement, Measured, Model, Prior, Quantity, Uniform


class Line(Model):
    name = "line"
    parameters = (Quantity("a"), Quantity("b"))
    observables = (Quantity("sum"), Quantity("difference"))
    prior = Prior([Uniform(0, 1), Uniform(0, 1)])

    def forward(self, theta):
        return np.stack([theta[:, 0] + theta[:, 1], theta[:, 0] - theta[:, 1]], axis=1)


model = Line()
measurement = GaussianMeasurement(
    [Measured("sum", 1.0, 0.1, 0.1, 0.7, 1.3), Measured("difference", 0.0, 0.1, 0.1, -0.3, 0.3)]
)
"""
COMMANDS = (
    (("--version",), 0),
    (("studies",), 0),
    (("run", "model.py", "--out", "own", "--draws", "500", "--method", "smc"), 0),
    (("run", "seesaw-no", "--out", "no", "--draws", "300"), 0),
    (("cite", "no"), 0),
    (("measurements",), 0),
    (("run", "no-such-study", "--out", "x"), 2),
)


def build() -> tuple[Path, Path]:
    """Wheel and sdist in ``dist/``, the wheel made from the sdist as pip would make it."""
    shutil.rmtree(DIST, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "build", "--outdir", str(DIST), str(ROOT)], check=True)
    (wheel,), (sdist,) = DIST.glob("*.whl"), DIST.glob("*.tar.gz")
    return wheel, sdist


def look_into(wheel: Path, sdist: Path) -> None:
    """Refuse archives that hold too much, too little, or another version than the code says."""
    inside = zipfile.ZipFile(wheel).namelist()
    with tarfile.open(sdist) as archive:
        packed = archive.getnames()
    for path, names in ((wheel, inside), (sdist, packed)):
        bad = [name for name in names if FOREIGN.search(name)]
        assert not bad, f"{path.name} holds {bad[:5]}"
        assert path.stat().st_size < LIMIT, f"{path.name} has {path.stat().st_size} bytes"
        print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB, {len(names)} files")
    for name in NEEDED:
        assert name in inside, f"{wheel.name} lacks {name}"
    source = {
        path.relative_to(ROOT / "src").as_posix()
        for path in (ROOT / "src" / "pontecorvo").rglob("*")
        if path.is_file() and not FOREIGN.search(path.as_posix())
    }
    lost = sorted(source - set(inside))
    assert not lost, f"{wheel.name} lacks {lost[:5]}"
    networks = [name for name in inside if name.endswith(".safetensors")]
    assert networks, "no networks in the wheel"
    said = re.search(
        r'__version__ = "(.+)"', (ROOT / "src/pontecorvo/__init__.py").read_text("utf-8")
    )
    assert said is not None
    assert wheel.name.split("-")[1] == said[1], "wheel and code have different versions"


def install(wheel: Path, folder: Path, python: str, shared: str | None) -> Path:
    """A new environment with the wheel; gives its Python."""
    start = time.perf_counter()
    subprocess.run([python, "-m", "venv", str(folder / "venv")], check=True)
    inside = folder / "venv" / "bin" / "python"
    pip = [str(inside), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if shared:
        (site,) = (folder / "venv" / "lib").glob("python*/site-packages")
        (site / "zz_shared.pth").write_text(shared + "\n", encoding="utf-8")
        pip.append("--no-deps")
    else:
        pip += ["-c", str(ROOT / "constraints.txt")]
    subprocess.run([*pip, str(wheel)], check=True, cwd=folder)
    print(f"installed in {time.perf_counter() - start:.0f} s")
    if not shared:
        subprocess.run([str(inside), "-m", "pip", "check"], check=True, cwd=folder)
    return inside


def read_only(folder: Path) -> None:
    """Take every write permission away."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~0o222)


def use(python: Path, folder: Path) -> None:
    """Run the commands as someone who owns nothing but a working folder."""
    work = folder / "work"
    work.mkdir()
    (work / "model.py").write_text(MODEL, encoding="utf-8")
    before = HUMBLE if os.geteuid() == 0 else ()
    refused = subprocess.run([*before, "touch", str(python.parents[1] / "x")], capture_output=True)
    assert refused.returncode, "the environment can be written to; nothing would be shown"
    environment = {"PATH": os.defpath, "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "2")}
    tool = python.parent / "pontecorvo"
    for words, code in COMMANDS:
        start = time.perf_counter()
        done = subprocess.run(
            [*before, str(tool), *words], cwd=work, env=environment, capture_output=True, text=True
        )
        seconds = time.perf_counter() - start
        print(f"pontecorvo {' '.join(words)}: exit {done.returncode} in {seconds:.1f} s")
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr, done.stderr
    where = subprocess.run(
        [str(python), "-c", "import pontecorvo; print(pontecorvo.__file__)"],
        cwd=work, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert str(folder) in where.stdout, f"the checkout was used: {where.stdout}"
    assert (work / "no" / "report.html").stat().st_size > 100_000
    assert (work / "own" / "equal.nc").is_file()


def main() -> None:
    """Build, look, install, use."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--python", default=sys.executable, help="Python of the new environment.")
    parser.add_argument("--keep", help="New folder for the environment, which stays.")
    parser.add_argument("--shared", help="site-packages to take the dependencies from.")
    asked = parser.parse_args()
    wheel, sdist = build()
    look_into(wheel, sdist)
    folder = Path(asked.keep or tempfile.mkdtemp(prefix="pontecorvo-package-")).resolve()
    folder.mkdir(exist_ok=True)
    try:
        python = install(wheel, folder, asked.python, asked.shared)
        read_only(folder / "venv")
        use(python, folder)
    finally:
        if not asked.keep:
            for path in [folder / "venv", *(folder / "venv").rglob("*")]:
                if path.is_dir() and not path.is_symlink():
                    path.chmod(0o755)
            shutil.rmtree(folder)
    print(f"{wheel.name} and {sdist.name} in dist/ are good")


if __name__ == "__main__":
    main()
