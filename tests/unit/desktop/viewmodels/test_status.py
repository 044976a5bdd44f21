"""What the status bar says in each state, and what Try again does."""

import asyncio

import pytest

from morpheus_desktop.viewmodels.account import AccountViewModel
from morpheus_desktop.viewmodels.status import Fact, StatusViewModel, api_fact, model_fact
from router.config import ApiConfig
from router.errors import BackendError, NoModel, StorageError
from router.inference.host import HostState
from router.parts import PartState
from tests.support.library import local_model
from tests.support.money_desk import PASSWORD, MoneyBench

SMOL = local_model("smol")


def plain(fact: Fact) -> str:
    return fact.text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("state", "text", "tone"),
    [
        (HostState(), "No model in memory", "quiet"),
        (HostState("loading", SMOL), "Loading Smol", "busy"),
        (HostState("loading", SMOL, progress=0.42), "Loading Smol, 42 %", "busy"),
        (HostState("ready", SMOL, 7, 230_000_000), "Smol in memory, 0.2 GB", "good"),
        (HostState("busy", SMOL, 7, 230_000_000), "Smol is writing, 0.2 GB", "good"),
        (
            HostState("busy", SMOL, 7, 230_000_000, waiting=2),
            "Smol is writing, 0.2 GB, 2 waiting",
            "good",
        ),
        (HostState("failed", SMOL), "Smol stopped", "bad"),
        (HostState("missing"), "Local chat is not ready", "warn"),
    ],
)
def test_the_model(state, text, tone):
    fact = model_fact(state)
    assert (plain(fact), fact.tone) == (text, tone)


def test_a_hostile_model_name_stays_on_its_line():
    name = "a\u202eb\n" + "x" * 500
    text = model_fact(HostState("ready", local_model(name))).text
    assert "\n" not in text
    assert "\u202e" not in text
    assert len(text) < 60


def test_a_failed_model_says_why_and_can_be_tried_again():
    error = BackendError("It ran out of memory.", safe="Your chat is safe.")
    fact = model_fact(HostState("failed", SMOL, error=error))
    assert fact.tip == "It ran out of memory. Your chat is safe."
    assert fact.retry == "host"


def test_a_missing_runtime_leads_to_the_models_page():
    fact = model_fact(HostState("missing", error=NoModel("llama.cpp is not installed.")))
    assert (fact.page, fact.retry) == ("models", "")


@pytest.mark.parametrize(
    ("phase", "config", "text", "tone"),
    [
        ("ready", ApiConfig(), "API 127.0.0.1:8082", "quiet"),
        ("ready", ApiConfig(host="0.0.0.0", allow_lan=True), "API open at 127.0.0.1:8082", "warn"),
        ("ready", ApiConfig(enabled=False), "", "quiet"),
        ("waiting", ApiConfig(), "", "quiet"),
        ("failed", ApiConfig(), "API stopped", "bad"),
    ],
)
def test_the_api(phase, config, text, tone):
    fact = api_fact(PartState("api", "API server", phase, "127.0.0.1:8082"), config)
    assert (fact.text, fact.tone) == (text, tone)


async def ended(condition) -> None:
    """Let tasks run until something is so; the time limit of the test is the limit."""
    while not condition():
        await asyncio.sleep(0)


async def test_a_failed_part_can_be_tried_again(bench, qapp, caplog):
    bench.store.error = StorageError("The disk is full.", safe="Nothing was lost.")
    for part in bench.parts:
        await part.start()
    status = bench.status()
    (trouble,) = status.troubles
    assert (trouble.text, trouble.tip) == (
        "Chat store stopped",
        "The disk is full. Nothing was lost.",
    )
    heard = []
    status.changed.connect(lambda: heard.append(bench.store.part.state.phase))
    bench.store.error = None
    status.retry(trouble.retry)
    await ended(lambda: heard[-1:] == ["ready"])
    assert heard == ["starting", "ready"]
    assert status.troubles == ()
    await status.close()


async def test_the_model_is_loaded_again(bench, qapp):
    await bench.models.part.start()
    status = bench.status()
    bench.host.show(HostState("failed", SMOL))
    assert status.model.retry == "host"
    status.retry("host")
    await ended(lambda: bench.host.loaded == ["smol"])
    await status.close()


async def test_models_are_looked_for_before_there_is_one(bench, qapp):
    status = bench.status()
    assert status.model.text == "Looking for local models"
    await bench.models.part.start()
    assert status.model.text == "No model in memory"
    await status.close()


async def test_the_promise_is_made_only_while_it_is_true(bench, qapp):
    status = bench.status()
    assert status.promise == "Everything stays on this computer"
    assert status.network.text == "No network used"
    status.set_online("Downloading Qwen2.5 from huggingface.co")
    assert status.promise == ""
    assert status.network.text == "Downloading Qwen2.5 from huggingface.co"
    status.set_online("")
    assert status.promise
    bench.settings.change({"api.allow_lan": True, "api.host": "0.0.0.0"})
    assert status.promise == ""
    await status.close()


async def test_after_close_nothing_is_heard(bench, qapp):
    status = bench.status()
    heard = []
    status.changed.connect(lambda: heard.append(1))
    await status.close()
    bench.host.show(HostState("loading", SMOL))
    await bench.api.part.start()
    assert heard == []


@pytest.fixture
async def money(tmp_path):
    made = MoneyBench(tmp_path / "money").open()
    yield made
    await made.money.close()


async def test_block_node_and_wallet_have_entries(bench, money, qapp):
    account = AccountViewModel(money.money, money.settings, lambda: money.now)
    status = StatusViewModel(bench.host, bench.settings, bench.parts, account)
    assert (status.latency.text, status.wallet.text) == ("", "")
    assert status.promise
    await money.wallet.import_key("11" * 32, PASSWORD)
    money.wallet.lock()
    money.connect()
    await ended(lambda: account.head)
    assert status.network.text.startswith("Block 31,204,118")
    assert status.promise == ""  # something leaves this computer
    assert (status.wallet.text, status.wallet.command) == ("Wallet locked", "wallet.unlock")
    await account.close()
    await status.close()


async def test_a_network_that_is_not_reached_is_asked_again(bench, money, qapp):
    account = AccountViewModel(money.money, money.settings, lambda: money.now)
    status = StatusViewModel(bench.host, bench.settings, bench.parts, account)
    money.funds.problem = "No node answered."
    money.connect()
    await ended(lambda: account.problem)
    money.funds.problem = ""
    status.retry(status.network.retry)
    await ended(lambda: account.head)
    await account.close()
    await status.close()
