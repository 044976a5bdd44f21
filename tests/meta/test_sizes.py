"""A file that cannot be read at one sitting is to be split."""

from tests.meta.sources import PACKAGES, ROOT, modules

MOST_LINES = 500


def test_no_file_is_too_long():
    every = modules(*PACKAGES, "scripts", "tests")
    lines = {path: len((ROOT / path).read_text("utf-8").splitlines()) for path in every}
    assert {str(path): count for path, count in lines.items() if count > MOST_LINES} == {}
