"""Where tests find the real model they run."""

import os
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def model_path() -> Path:
    """The model file: MORPHEUS_TEST_MODEL, else the one that setup puts into the checkout.

    Fails when there is none: a test of the model that does not run must not look like a pass.
    """
    if named := os.environ.get("MORPHEUS_TEST_MODEL"):
        path = Path(named)
        assert path.is_file(), f"MORPHEUS_TEST_MODEL names {path}, which is no file"
        return path
    files = sorted((PROJECT / "resources" / "models").glob("*.gguf"))
    assert files, "no model in resources/models: run the setup command of the README"
    return files[0]
