"""What the runtime can compute with, told by the files of its package."""

import pytest

from router.inference.hardware import cores, gpu_backend


@pytest.mark.parametrize(
    ("files", "backend"),
    [
        ([], ""),
        (["libggml-base.so", "libggml-cpu.so", "libllama.so"], ""),
        (["libggml-cpu.so", "libggml-cuda.so"], "CUDA"),
        (["libggml-metal.dylib"], "Metal"),
        (["ggml-vulkan.dll"], "Vulkan"),
    ],
)
def test_the_backend_is_told_by_its_library(tmp_path, files, backend):
    (tmp_path / "lib").mkdir()
    for name in files:
        (tmp_path / "lib" / name).touch()
    assert gpu_backend(tmp_path) == backend


def test_a_package_without_libraries(tmp_path):
    assert gpu_backend(tmp_path) == ""


def test_this_computer_has_a_core():
    assert cores() >= 1
