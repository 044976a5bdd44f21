"""The files that the tests about the code itself look at."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("morpheus_desktop", "router", "benchmarks", "installers")


def modules(*folders: str) -> list[Path]:
    """Python files below these folders of the project, as paths from its root."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    assert found, folders
    return [path.relative_to(ROOT) for path in found]
