"""The settings of the node: one frozen value, one TOML file, nothing guessed silently."""

import dataclasses
import ipaddress
import itertools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomli_w

from router.errors import BadRequest, ConfigError, StorageError
from router.events import Emitter
from router.files import replace_private
from router.networks import NETWORKS
from router.node_urls import is_node_url
from router.units import DECIMALS, GWEI_DECIMALS, parse_amount
from router.untrusted import one_line
from router.wire_config import WireConfig

LEVELS = ("debug", "info", "warning", "error")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


@dataclass(frozen=True)
class ApiConfig:
    """The HTTP interface. `allow_lan` must be set before `host` may leave this computer.

    Port 0 takes any free port; a taken port is followed by the next free one.
    """

    enabled: bool = True
    host: str = "127.0.0.1"
    port: int = 8082
    allow_lan: bool = False
    log_bodies: bool = False


@dataclass(frozen=True)
class InferenceConfig:
    """Local models. Zero means: let the app choose (threads, context_tokens).

    Args:
        default_model: id of the model new chats start with; empty is the bundled one.
        folders: further folders with GGUF files, linked and not copied.
        mirror: address that replaces the model hub's, or empty.
        idle_unload_s: seconds without a question after which memory is given back; 0 is never.
    """

    default_model: str = ""
    threads: int = 0
    gpu_layers: int = -1
    context_tokens: int = 0
    idle_unload_s: int = 600
    folders: tuple[str, ...] = ()
    mirror: str = ""


@dataclass(frozen=True)
class ChainConfig:
    """Nodes of your own, by network, in the order in which they are asked; empty: the public ones."""

    base: tuple[str, ...] = ()
    arbitrum: tuple[str, ...] = ()
    base_sepolia: tuple[str, ...] = ()
    arbitrum_sepolia: tuple[str, ...] = ()

    def nodes_of(self, network: str) -> tuple[str, ...]:
        """The nodes that were set for a network, by its name."""
        nodes: tuple[str, ...] = getattr(self, _field(network), ())
        return nodes


@dataclass(frozen=True)
class WalletConfig:
    """The wallet: seconds without input after which it locks; 0 is never."""

    lock_after_s: int = 900


@dataclass(frozen=True)
class MarketConfig:
    """What the app may do by itself with sessions.

    Args:
        blocked: addresses of providers that are never used.
        favourites: addresses of providers that come first.
        extra_stake_limit: MOR that may be staked without asking when a provider fails.
        allow_direct: whether providers may be paid out of it in that case, when nobody else can.
        claim_gas_cap: gwei for a unit of gas above which released stake waits for a better day.
        auto_close: close sessions at their end; `auto_claim`: take released stake back.
        allow_private: ask providers on this computer and in private networks too.
    """

    blocked: tuple[str, ...] = ()
    favourites: tuple[str, ...] = ()
    extra_stake_limit: str = "0"
    allow_direct: bool = False
    claim_gas_cap: str = "1"
    auto_close: bool = True
    auto_claim: bool = True
    allow_private: bool = False

    @property
    def extra_stake(self) -> int:
        """`extra_stake_limit` in wei."""
        return parse_amount(self.extra_stake_limit)

    @property
    def claim_gas_price(self) -> int:
        """`claim_gas_cap` in wei for a unit of gas."""
        return parse_amount(self.claim_gas_cap, GWEI_DECIMALS)

    def validate(self) -> None:
        """Check each value.

        Raises:
            ConfigError: names the first that is wrong.
        """
        for name in ("blocked", "favourites"):
            addresses = getattr(self, name)
            _require(
                all(_ADDRESS.fullmatch(address) for address in addresses),
                f"market.{name}",
                "a list of addresses that start with 0x",
            )
        _require(
            _is_amount(self.extra_stake_limit, DECIMALS),
            EXTRA_STAKE,
            'an amount of MOR as text, for example "12.5"',
        )
        _require(
            _is_amount(self.claim_gas_cap, GWEI_DECIMALS),
            "market.claim_gas_cap",
            'a price of gas in gwei as text, for example "0.5"',
        )


@dataclass(frozen=True)
class ProviderConfig:
    """Serving models to others for MOR. Which models: models-config.json in the data folder.

    Args:
        listen: address and port; the address is a number, port 0 takes any free port.
        address: the provider on the chain, when the wallet's key only signs for it; else empty.
        connections: at the same time, of everybody and of one address.
        requests_a_minute: of one address.
        upload_mb: the longest audio file that is taken.
    """

    enabled: bool = False
    listen: str = "0.0.0.0:3333"
    address: str = ""
    connections: int = 256
    connections_per_address: int = 32
    requests_a_minute: int = 240
    upload_mb: int = 25

    def validate(self) -> None:
        """Check each value.

        Raises:
            ConfigError: names the first that is wrong.
        """
        listen_address(self.listen)
        _require(
            self.address == "" or re.fullmatch("0x[0-9a-fA-F]{40}", self.address) is not None,
            "provider.address",
            "empty or an address: 0x and 40 hex digits",
        )
        for name, low, high in (
            ("connections", 1, 10_000),
            ("connections_per_address", 1, 10_000),
            ("requests_a_minute", 1, 1_000_000),
            ("upload_mb", 1, 1_000),
        ):
            value = getattr(self, name)
            _require(low <= value <= high, f"provider.{name}", f"from {low} to {high}")


def listen_address(text: str) -> tuple[str, int]:
    """Address and port of a text like 0.0.0.0:3333 or [::]:3333.

    Raises:
        ConfigError: it is something else; names are not looked up.
    """
    host, _, port = text.rpartition(":")
    try:
        if host.startswith("[") != (":" in host):
            raise ValueError
        address = str(ipaddress.ip_address(host.removeprefix("[").removesuffix("]")))
        if not (port.isascii() and port.isdigit() and int(port) <= 65535):
            raise ValueError
    except ValueError:
        raise ConfigError(
            "The setting provider.listen must be an address in numbers and a port, "
            "for example 0.0.0.0:3333."
        ) from None
    return address, int(port)


@dataclass(frozen=True)
class LogConfig:
    """Logging: the lowest level that is written to the file."""

    level: str = "info"


@dataclass(frozen=True)
class Config:
    """Everything that can be set, apart from looks (those are the window's Prefs)."""

    network: str = "base"
    api: ApiConfig = field(default_factory=ApiConfig)
    inference: InferenceConfig = field(default_factory=InferenceConfig)
    chain: ChainConfig = field(default_factory=ChainConfig)
    wallet: WalletConfig = field(default_factory=WalletConfig)
    market: MarketConfig = field(default_factory=MarketConfig)
    provider: ProviderConfig = field(default_factory=ProviderConfig)
    wire: WireConfig = field(default_factory=WireConfig)
    log: LogConfig = field(default_factory=LogConfig)

    def validate(self) -> None:
        """Check values against each other.

        Raises:
            ConfigError: names the first setting that is wrong.
        """
        if self.network not in NETWORKS:
            raise ConfigError(
                f"The setting network is '{self.network}', which is not a known network.",
                hint=f"Use one of: {', '.join(NETWORKS)}.",
            )
        _require(0 <= self.api.port <= 65535, "api.port", "a port from 0 to 65535")
        _require(
            is_loopback(self.api.host) or self.api.allow_lan,
            "api.host",
            "127.0.0.1, or set api.allow_lan to let other computers in",
        )
        _require(0 <= self.inference.threads <= 1024, "inference.threads", "0 to 1024")
        _require(-1 <= self.inference.gpu_layers <= 10_000, "inference.gpu_layers", "-1 to 10000")
        _require(
            self.inference.context_tokens == 0 or self.inference.context_tokens >= 256,
            "inference.context_tokens",
            "0 or at least 256",
        )
        _require(self.inference.idle_unload_s >= 0, "inference.idle_unload_s", "0 or more seconds")
        _require(
            self.inference.mirror == ""
            or self.inference.mirror.startswith(("https://", "http://")),
            "inference.mirror",
            "empty or an address that starts with https://",
        )
        for network in NETWORKS:
            for url in self.chain.nodes_of(network):
                _require(
                    is_node_url(url),
                    nodes_setting(network),
                    "a list of addresses that start with https://",
                )
        _require(self.wallet.lock_after_s >= 0, "wallet.lock_after_s", "0 or more seconds")
        self.market.validate()
        self.provider.validate()
        self.wire.validate()
        _require(self.log.level in LEVELS, "log.level", f"one of {', '.join(LEVELS)}")


# The dotted name of `MarketConfig.extra_stake_limit`.
EXTRA_STAKE = "market.extra_stake_limit"


def nodes_setting(network: str) -> str:
    """The dotted name of the setting that holds the nodes of a network."""
    return f"chain.{_field(network)}"


def _field(network: str) -> str:
    return network.replace("-", "_")


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this computer only."""
    return host in ("127.0.0.1", "::1", "localhost")


def _is_amount(text: str, decimals: int) -> bool:
    try:
        parse_amount(text, decimals)
    except BadRequest:
        return False
    return True


def _require(condition: bool, name: str, wanted: str) -> None:
    if not condition:
        raise ConfigError(f"The setting {name} must be {wanted}.")


class Settings:
    """The current Config of a running node, and its file.

    `changed` tells the new Config after each successful change.
    """

    def __init__(self, path: Path, overrides: Mapping[str, Any] | None = None) -> None:
        self.path = path
        self.changed: Emitter[Config] = Emitter()
        self.problem: ConfigError | None = None
        self._overrides = dict(overrides or {})
        self._unknown: dict[str, Any] = {}
        self._saved = self._load_or_default()
        self.current = with_values(self._saved, self._overrides)
        self.current.validate()

    def _load_or_default(self) -> Config:
        """Read the file; a wrong one is set aside under a new name, never overwritten."""
        try:
            config, self._unknown = load(self.path)
        except ConfigError as error:
            self.problem = ConfigError(
                error.message,
                safe=f"The default settings are used. Your file was kept as {self._set_aside()}.",
                hint=error.hint or "Correct the file and put it back, or set it here again.",
            )
            return Config()
        if self._unknown:
            names = ", ".join(flatten(self._unknown) or self._unknown)
            self.problem = ConfigError(
                f"This version has no settings named {one_line(names, 200)}.",
                safe=f"They stay in {self.path.name}, and all others are in force.",
                hint="Correct their names if they were mistyped.",
            )
        return config

    def _set_aside(self) -> str:
        """Give the file a name that nothing else has; returns it."""
        numbers = itertools.count(1)
        aside = self.path
        while aside.exists():
            aside = self.path.with_suffix(f".bad-{next(numbers)}.toml")
        try:
            self.path.replace(aside)
        except OSError:
            return self.path.name
        return aside.name

    def change(self, values: Mapping[str, Any]) -> Config:
        """Set values by dotted name, for example `{"api.port": 9000}`, and save them.

        What the command line overrode stays overridden for this run and is not saved.

        Raises:
            ConfigError: a value is wrong or the file cannot be written; nothing changes then.
        """
        saved = with_values(self._saved, values)
        for name in values:
            self._overrides.pop(name, None)
        current = with_values(saved, self._overrides)
        current.validate()
        save(saved, self.path, self._unknown)
        self._saved, self.current = saved, current
        self.changed.emit(current)
        return current


def load(path: Path) -> tuple[Config, dict[str, Any]]:
    """Read a settings file; a missing one gives the defaults.

    Returns the settings and what has names that are not known: a newer version may have written
    it, so that it must not be lost.

    Raises:
        ConfigError: unreadable, not TOML, or wrong types and values; says which.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Config(), {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The settings file {path} cannot be read: {error}.") from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"The settings file {path.name} is not valid TOML: {error}.") from error
    known, unknown = _parted(table, dataclasses.asdict(Config()))
    config = with_values(Config(), flatten(known))
    config.validate()
    return config, unknown


def save(config: Config, path: Path, unknown: Mapping[str, Any] | None = None) -> None:
    """Write a settings file in one step: it is either the old or the new one, never half.

    Raises:
        ConfigError: the file cannot be written; the old one is untouched.
    """
    text = tomli_w.dumps(_joined(dataclasses.asdict(config), unknown or {}))
    try:
        replace_private(path, text.encode())
    except StorageError as error:
        raise ConfigError(
            f"The settings could not be saved. {error.message}",
            safe="The settings in force are unchanged.",
            hint=error.hint,
        ) from error


def _parted(
    table: Mapping[str, Any], names: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What of a table has one of these names, and what has not; tables in it part likewise."""
    known: dict[str, Any] = {}
    unknown: dict[str, Any] = {}
    for key, value in table.items():
        if key not in names:
            unknown[key] = value
        elif isinstance(value, Mapping) and isinstance(names[key], Mapping):
            known[key], rest = _parted(value, names[key])
            unknown |= {key: rest} if rest else {}
        else:
            known[key] = value
    return known, unknown


def _joined(known: Mapping[str, Any], unknown: Mapping[str, Any]) -> dict[str, Any]:
    """The opposite of `_parted`."""
    whole = dict(known)
    for key, value in unknown.items():
        whole[key] = _joined(whole[key], value) if key in whole else value
    return whole


def flatten(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Turn nested tables into dotted names."""
    flat: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            flat.update(flatten(value, f"{prefix}{key}."))
        else:
            flat[prefix + key] = value
    return flat


def with_values(config: Config, values: Mapping[str, Any]) -> Config:
    """A Config with values replaced by dotted name; types must match the defaults.

    Raises:
        ConfigError: unknown name or wrong type.
    """
    for name, value in values.items():
        section, _, key = name.rpartition(".")
        if section:
            part = getattr(config, section, None) if "." not in section else None
            if not dataclasses.is_dataclass(part) or isinstance(part, type):
                raise ConfigError(f"There is no setting named {name}.")
            config = dataclasses.replace(config, **{section: _with_value(part, key, name, value)})
        else:
            config = _with_value(config, key, name, value)
    return config


def _with_value(part: Any, key: str, name: str, value: Any) -> Any:
    fields = {f.name for f in dataclasses.fields(part)}
    if key not in fields or dataclasses.is_dataclass(getattr(part, key)):
        raise ConfigError(f"There is no setting named {name}.")
    wanted = type(getattr(part, key))
    if wanted is tuple and isinstance(value, list | tuple):
        if not all(isinstance(item, str) for item in value):
            raise ConfigError(f"The setting {name} must be a list of texts.")
        value = tuple(value)
    if type(value) is not wanted:
        # An address may hold a key: it is not repeated.
        given = "" if wanted is tuple else f", not {value!r}"
        raise ConfigError(f"The setting {name} must be {_KINDS[wanted]}{given}.")
    return dataclasses.replace(part, **{key: value})


_KINDS: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    str: "a text",
    tuple: "a list of texts",
}
