"""Makes the requirements files: exact versions with hashes for all platforms, no host names."""

import subprocess
import tempfile
import venv
from pathlib import Path

from devtools.environment import LOCKS, ROOT
from devtools.say import say

# Each file is held to the versions of the one before it.
FILES = (
    ("app.lock", (), None),
    ("local.lock", ("local",), "app.lock"),
    ("dev.lock", ("local", "dev"), "local.lock"),
    ("build.lock", ("local", "build"), "local.lock"),
)


def renew() -> None:
    """Resolve again, with a resolver in an environment of its own."""
    with tempfile.TemporaryDirectory() as folder:
        venv.EnvBuilder(with_pip=True).create(folder)
        binaries = next(p for p in (Path(folder, "bin"), Path(folder, "Scripts")) if p.is_dir())
        subprocess.run([binaries / "python", "-m", "pip", "install", "--quiet", "uv"], check=True)
        for name, extras, held_to in FILES:
            say(f"Resolving requirements/{name} …")
            command = [binaries / "uv", "pip", "compile", "--quiet", "--universal", "--upgrade"]
            command += ["--python-version", "3.11", "--generate-hashes", "--no-header"]
            command += ["--no-annotate", "pyproject.toml", "-o", str(LOCKS / name)]
            for extra in extras:
                command += ["--extra", extra]
            if held_to is not None:
                command += ["-c", str(LOCKS / held_to)]
            subprocess.run(command, cwd=ROOT, check=True)
