"""router.backends.routing: models of the network go to the network, all others stay here."""

import pytest

from router.backends.base import Delta, Request
from router.backends.routing import RoutingBackend, is_named, is_remote
from router.errors import NoModel
from tests.support.scripted_backend import ScriptedBackend

ON_CHAIN = "0x" + "aB" * 32


@pytest.mark.parametrize("model", [ON_CHAIN, f"session:{ON_CHAIN}"])
def test_ids_of_the_chain_are_remote(model: str) -> None:
    assert is_remote(model)


@pytest.mark.parametrize(
    "model",
    ["", "SmolLM2-135M", "0x12", ON_CHAIN[:-1], ON_CHAIN + "a", f"x:{ON_CHAIN}", "session:"],
)
def test_all_others_are_local(model: str) -> None:
    assert not is_remote(model)


def test_what_names_a_session() -> None:
    session, model = "0x" + "1b" * 32, "0x" + "2C" * 32
    for name in (f"session:{session.upper().replace('0X', '0x')}", model, model.lower()):
        assert is_named(name, session, model)
    for name in (session, f"session:{model}", "", "SmolLM2"):
        assert not is_named(name, session, model)
    assert not is_named("", session, "")


async def test_each_goes_to_its_own() -> None:
    local, remote = ScriptedBackend(), ScriptedBackend()
    backend = RoutingBackend(local, lambda: remote)
    for model in ("", ON_CHAIN):
        assert any([isinstance(e, Delta) async for e in backend.complete(Request(model))])
    assert [request.model for request in local.requests] == [""]
    assert [request.model for request in remote.requests] == [ON_CHAIN]
    assert await backend.embed(ON_CHAIN, ["ab"]) == ([[2.0]], 1)


async def test_without_a_network() -> None:
    networks: list[ScriptedBackend] = []
    backend = RoutingBackend(ScriptedBackend(), lambda: networks[-1] if networks else None)
    with pytest.raises(NoModel, match="no network is connected"):
        backend.complete(Request(ON_CHAIN))
    with pytest.raises(NoModel):
        await backend.embed(ON_CHAIN, ["x"])
    networks.append(ScriptedBackend())
    assert await backend.embed(ON_CHAIN, ["x"]) == ([[1.0]], 1)
