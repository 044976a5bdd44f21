"""Each source file has its test file at the same place, and each test file its source."""

from pathlib import Path

import pytest

from tests.meta.sources import ROOT

TREES = {
    "morpheus_desktop": "tests/unit/desktop",
    "router": "tests/unit/router",
    "benchmarks": "tests/unit/benchmarks",
    "installers": "tests/unit/installers",
    "scripts/devtools": "tests/unit/scripts",
}
# Source files without a test file of their own, and the test that covers each.
ELSEWHERE = {
    "morpheus_desktop/__main__.py": "tests/e2e/test_selftest.py",
    "morpheus_desktop/app.py": "tests/e2e/test_shutdown.py",
    "morpheus_desktop/desk.py": "tests/e2e/test_first_run.py",
    "router/services.py": "tests/unit/router/test_node.py",
    "installers/build.py": "tests/packaged/test_bundle.py",
    **{
        f"benchmarks/{name}.py": "tests/unit/benchmarks/test_quick.py"
        for name in (
            *("__main__", "bare_model", "bare_window", "deeds", "gui", "http_client"),
            *("inside", "local", "screen", "speed", "waiting"),
            *("anvil", "chain", "market", "market_page", "market_window", "unlocking", "wire"),
            *("relay", "relay_consumer", "relay_model", "relay_parties", "relay_provider"),
        )
    },
    # Parts of the wallet page and its dialogs, tested as the whole that people use.
    **{
        f"morpheus_desktop/dialogs/{name}.py": "tests/unit/desktop/wallet/test_flow.py"
        for name in ("permissions", "receive", "review", "send")
    },
    **{
        f"morpheus_desktop/wallet/{name}.py": "tests/unit/desktop/wallet/test_flow.py"
        for name in ("fee_choice", "recipient_view", "summary")
    },
    **{
        f"morpheus_desktop/widgets/{name}.py": "tests/unit/desktop/wallet/test_body.py"
        for name in ("amount_label", "place")
    },
    # Parts of the market and staking pages and of their dialogs.
    **{
        f"morpheus_desktop/market/{name}.py": "tests/unit/desktop/market/test_body.py"
        for name in ("bids_panel", "cells", "columns", "filters", "models_panel")
    },
    "morpheus_desktop/market/source.py": "tests/unit/desktop/market/test_flow.py",
    **{
        f"morpheus_desktop/staking/{name}.py": "tests/unit/desktop/staking/test_body.py"
        for name in (
            *("closing_view", "held", "history", "places", "session_details", "session_row"),
        )
    },
    "morpheus_desktop/dialogs/returns.py": "tests/unit/desktop/dialogs/test_open_session.py",
    "morpheus_desktop/dialogs/stepper.py": "tests/unit/desktop/dialogs/test_opening.py",
    "morpheus_desktop/page.py": "tests/unit/desktop/test_main_window.py",
    "morpheus_desktop/panes/money_pane.py": "tests/unit/desktop/panes/test_wallet.py",
    "morpheus_desktop/panes/staking.py": "tests/unit/desktop/panes/test_market.py",
    **{
        f"morpheus_desktop/wallet/{name}.py": "tests/unit/desktop/wallet/test_body.py"
        for name in ("activity_details", "activity_list", "activity_row", "buckets", "cards")
    },
    **{
        f"morpheus_desktop/dialogs/{name}.py": "tests/unit/desktop/settings/test_security.py"
        for name in ("password", "security")
    },
    "morpheus_desktop/widgets/identicon.py": "tests/unit/desktop/widgets/test_address.py",
    # What needs a chain to be tested on: real ones, ours and anvil.
    **{
        f"router/chain/{name}.py": "tests/integration/test_tx_faults.py"
        for name in ("follow", "preparing", "token", "tx")
    },
    "router/chain/client.py": "tests/integration/test_node_faults.py",
    "router/chain/artifacts.py": "tests/unit/router/devnet/test_build.py",
    "router/chain/crash_points.py": "tests/integration/test_crash.py",
    "router/chain/records.py": "tests/integration/test_contract_roles.py",
    "router/consumer/providers.py": "tests/integration/test_providers.py",
    "router/consumer/records.py": "tests/integration/test_quotes.py",
    "router/consumer/sessions.py": "tests/integration/test_sessions.py",
    "router/consumer/openings.py": "tests/integration/test_openings.py",
    "router/consumer/grants.py": "tests/integration/test_sessions.py",
    "router/consumer/permission.py": "tests/integration/test_openings.py",
    "router/consumer/turns.py": "tests/integration/test_openings.py",
    "router/consumer/closings.py": "tests/integration/test_session_ends.py",
    "router/devnet/__main__.py": "tests/unit/router/devnet/test_process.py",
    "router/devnet/accounts.py": "tests/unit/router/devnet/test_process.py",
    "router/money.py": "tests/integration/test_play_money.py",
    **{
        f"router/provider/{name}.py": "tests/integration/test_provider.py"
        for name in ("checks", "provider", "refused", "service")
    },
    "router/provider/listener.py": "tests/integration/test_provider_attacks.py",
    **{
        f"router/api/{name}.py": "tests/integration/test_chain_api.py"
        for name in ("blockchain", "chain_schemas", "chain_shapes")
    },
    # Sessions over HTTP, on a chain with the contracts and with providers on sockets.
    **{
        f"router/{name}.py": "tests/integration/test_session_api.py"
        for name in ("api/proxy", "api/session_schemas", "api/sessions", "consumer/brought")
    },
    **{
        f"router/api/{name}.py": "tests/integration/test_session_chat_api.py"
        for name in ("remote", "remote_chat")
    },
    "router/api/registering.py": "tests/integration/test_registering_api.py",
    "router/api/audio.py": "tests/integration/test_session_audio_api.py",
}
# What measures, or needs root and another system: run by hand, see installers/README.md.
BY_HAND = {"installers/measure.py", "installers/try_deb.py"}
# Test files that belong to a folder and not to one file of it.
WHOLE_FOLDERS = {
    "tests/unit/benchmarks/test_quick.py",
    "tests/unit/router/api/test_attacks.py",
}


def python_files(folder: str, pattern: str) -> set[Path]:
    return {path.relative_to(ROOT / folder) for path in (ROOT / folder).rglob(pattern)}


def place_of(tree: str, source: Path) -> str:
    """Where the tests of a source file are; `__main__` is under main."""
    return Path(TREES[tree], source.with_name(f"test_{source.stem.strip('_')}.py")).as_posix()


@pytest.mark.parametrize("tree", TREES)
def test_each_source_file_has_its_test(tree: str) -> None:
    sources = {path for path in python_files(tree, "*.py") if path.name != "__init__.py"}
    missing = {
        f"{tree}/{path.as_posix()}"
        for path in sources
        if not (ROOT / place_of(tree, path)).exists()
    }
    excused = {source for source in {*ELSEWHERE, *BY_HAND} if source.startswith(f"{tree}/")}
    assert missing == excused


@pytest.mark.parametrize("tree", TREES)
def test_each_test_file_has_its_source(tree: str) -> None:
    """Tests of one file may fill several: test_chat.py, test_chat_saving.py."""
    known = {place_of(tree, path).removesuffix(".py") for path in python_files(tree, "*.py")}
    tests = {f"{TREES[tree]}/{path.as_posix()}" for path in python_files(TREES[tree], "test_*.py")}
    strays = {
        test
        for test in tests - WHOLE_FOLDERS
        if not any(test.startswith((f"{name}.", f"{name}_")) for name in known)
    }
    assert strays == set()


@pytest.mark.parametrize("test", sorted({*ELSEWHERE.values(), *WHOLE_FOLDERS}))
def test_what_is_tested_elsewhere_is(test: str) -> None:
    assert "def test_" in (ROOT / test).read_text("utf-8")
