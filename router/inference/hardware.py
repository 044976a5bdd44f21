"""What this computer and this build of llama.cpp compute with."""

import importlib.util
from functools import cache
from pathlib import Path

import psutil

# How llama.cpp names the libraries of its backends, and what people call these.
BACKENDS = {"metal": "Metal", "cuda": "CUDA", "hip": "ROCm", "vulkan": "Vulkan", "sycl": "SYCL"}


@cache
def cores() -> int:
    """Cores of the processor; two threads of one core count once."""
    return psutil.cpu_count(logical=False) or 1


def gpu_backend(package: Path | None = None) -> str:
    """What the runtime can use a graphics processor with, or empty.

    Told by the files of the package: loading it is left to the worker.
    """
    if package is None:
        found = importlib.util.find_spec("llama_cpp")
        if found is None or not found.submodule_search_locations:
            return ""
        package = Path(found.submodule_search_locations[0])
    for file in sorted(package.glob("lib/*ggml-*")):
        for name, words in BACKENDS.items():
            if f"ggml-{name}" in file.name:
                return words
    return ""
