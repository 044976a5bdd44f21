"""The table of number formats is that of the library that will load the files."""

import ctypes
import importlib.util
from pathlib import Path

import pytest

from router.inference.ggml import FILE_TYPES, TENSOR_TYPES


@pytest.fixture(scope="module")
def library() -> ctypes.CDLL:
    """The library that will load the files: the table must not know other formats than it."""
    found = importlib.util.find_spec("llama_cpp")
    if found is None or found.origin is None:
        pytest.skip("llama_cpp is not installed")
    import llama_cpp  # noqa: F401 - loads what ggml depends on

    folder = Path(found.origin).parent / "lib"
    files = sorted(folder.glob("*ggml-base*"))
    assert files, f"no ggml library in {folder}"
    library = ctypes.CDLL(str(files[0]))
    library.ggml_blck_size.restype = ctypes.c_int64
    library.ggml_type_size.restype = ctypes.c_size_t
    library.ggml_type_name.restype = ctypes.c_char_p
    return library


def test_the_table_is_the_librarys(library: ctypes.CDLL) -> None:
    told = {
        number: (library.ggml_blck_size(number), library.ggml_type_size(number))
        for number in range(max(TENSOR_TYPES) + 1)
    }
    known = {number: (block, size) for number, (_, block, size) in TENSOR_TYPES.items()}
    assert known == {number: sizes for number, sizes in told.items() if all(sizes)}


def test_the_names_are_the_librarys(library: ctypes.CDLL) -> None:
    for number, (name, _, _) in TENSOR_TYPES.items():
        assert library.ggml_type_name(number).decode().casefold() == name.casefold()


def test_file_types_are_named_after_formats() -> None:
    formats = {name for name, _, _ in TENSOR_TYPES.values()}
    for name in FILE_TYPES.values():
        assert any(name.startswith(known[:4]) for known in formats), name
