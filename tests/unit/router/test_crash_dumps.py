"""router.crash_dumps: a crash leaves no copy of the memory."""

import subprocess
import sys

import pytest

PROGRAM = """
import resource
from router.crash_dumps import forbid_core_files
_, most = resource.getrlimit(resource.RLIMIT_CORE)
resource.setrlimit(resource.RLIMIT_CORE, (most, most))
forbid_core_files()
print(resource.getrlimit(resource.RLIMIT_CORE)[0])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_no_core_file() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert done.stdout == "0\n"
