"""The real model, loaded once for the tests of the native parts."""

from collections.abc import Iterator

import pytest
from llama_cpp import _utils

from router.inference import native
from router.inference.abort import AbortFlag
from router.inference.engine import Engine
from tests.support.model import model_path


@pytest.fixture(scope="session", autouse=True)
def _close_what_the_bindings_leave_open() -> Iterator[None]:
    yield
    _utils.outnull_file.close()
    _utils.errnull_file.close()


@pytest.fixture(scope="session")
def flag() -> AbortFlag:
    return AbortFlag()


@pytest.fixture
def lowered(flag: AbortFlag) -> Iterator[AbortFlag]:
    flag.set(raised=False)
    yield flag
    flag.set(raised=False)


@pytest.fixture(scope="session")
def model() -> native.Model:
    native.start()
    return native.Model(str(model_path()), 0, lambda part: True)


@pytest.fixture
def context(model: native.Model, lowered: AbortFlag) -> Iterator[native.Context]:
    context = native.Context(model, 512, 1, lowered)
    yield context
    context.close()


@pytest.fixture(scope="session")
def loaded_engine(flag: AbortFlag) -> Engine:
    native.start()
    return Engine(str(model_path()), context_tokens=512, threads=1, gpu_layers=0, flag=flag)


@pytest.fixture
def engine(loaded_engine: Engine, lowered: AbortFlag) -> Engine:
    """The engine with nothing read and nothing raised."""
    loaded_engine._context.keep(0)
    return loaded_engine
