"""The columns of the market's two tables: titles, words, what a hover tells."""

from morpheus_desktop import format as fmt
from morpheus_desktop.market.cells import action_words, mark_of, reach_words
from morpheus_desktop.viewmodels.market import BID_KEYS, MODEL_KEYS, MarketViewModel
from morpheus_desktop.viewmodels.market_kept import UNIT_S
from morpheus_desktop.viewmodels.market_rows import KIND_WORDS, BidRow, ModelRow, up_count
from morpheus_desktop.viewmodels.rows import Column
from router.untrusted import one_line

STAKE_PLACES = 4
# Room for a picture, a short address and a word about the bid.
PROVIDER = 236
UNIT_LETTERS = {"second": "s", "hour": "h", "day": "d"}
PART_WORDS = {
    "tps": "Speed",
    "ttft": "First token",
    "duration": "Length of sessions",
    "success": "Success",
    "stake": "Stake of the provider",
}


def model_columns(vm: MarketViewModel) -> list[Column[ModelRow]]:
    """Of the models."""

    times = UNIT_S[vm.unit]
    places = fmt.column_decimals(row.price and row.price * times for row in vm.models)

    def price(row: ModelRow) -> str:
        return fmt.in_column(row.price and row.price * times, places, up=True)

    def up(row: ModelRow) -> str:
        return f"{up_count(row, vm.reach)} of {row.bids} up" if row.bids else "none"

    return [
        Column("name", "Model", 0, lambda r: r.name, MODEL_KEYS["name"], tip=_about_model),
        Column("kind", "Type", 104, lambda r: KIND_WORDS[r.kind], MODEL_KEYS["kind"], drop=3),
        Column(
            "privacy", "Privacy", 112, lambda r: "TEE, claimed" if r.tee else "none",
            MODEL_KEYS["privacy"], descending=True, drop=2,
            tip=lambda r: "The model's owner claims it. It is not proven." if r.tee else "",
        ),
        Column("bids", "Bids", 96, up, MODEL_KEYS["bids"], descending=True, right=True),
        Column(
            "price", f"From, MOR/{UNIT_LETTERS[vm.unit]}", 132, price, MODEL_KEYS["price"],
            right=True, mono=True, tip=lambda r: fmt.amount_tip(r.price, "MOR/s"),
        ),
        Column(
            "speed", "Best tok/s", 96,
            lambda r: fmt.UNKNOWN if r.tokens_per_s is None else f"{r.tokens_per_s:,.0f}",
            MODEL_KEYS["speed"], descending=True, right=True, mono=True, drop=1,
        ),
        Column(
            "stake", f"Stake for {length(vm.stake_seconds)}", 132,
            lambda r: fmt.in_column(vm.stake(r.price), STAKE_PLACES, up=True), MODEL_KEYS["stake"],
            right=True, mono=True, tip=lambda r: fmt.amount_tip(vm.stake(r.price), "MOR"),
        ),
    ]  # fmt: skip


def bid_columns(vm: MarketViewModel) -> list[Column[BidRow]]:
    """Of the bids of one model."""
    unit, times = UNIT_LETTERS[vm.unit], UNIT_S[vm.unit]
    places = fmt.column_decimals(row.price * times for row in vm.bids)
    exact = fmt.column_decimals(row.price for row in vm.bids)

    def why_not(row: BidRow) -> str:
        return "" if row.reach.state == "down" else vm.cannot_open

    return [
        Column(
            "provider", "Provider", 0, lambda r: " ".join((r.provider, mark_of(r)[0])).strip(),
            BID_KEYS["provider"], tip=lambda r: _about_provider(r, vm), least=PROVIDER,
        ),
        Column(
            "price", f"MOR/{unit}", 92, lambda r: fmt.in_column(r.price * times, places, up=True),
            BID_KEYS["price"], right=True, mono=True, tip=lambda r: fmt.amount_tip(r.price, "MOR/s"),
        ),
        Column(
            "per_second", "MOR/s", 116, lambda r: fmt.in_column(r.price, exact, up=True), BID_KEYS["per_second"],
            right=True, mono=True, tone=lambda _: "text-3", drop=1,
        ),
        Column(
            "score", "Score", 92, _score, BID_KEYS["score"], descending=True, right=True,
            tip=_about_score, drop=5,
        ),
        Column(
            "speed", "tok/s", 72,
            lambda r: fmt.UNKNOWN if r.tokens_per_s is None else f"{r.tokens_per_s:,.1f}",
            BID_KEYS["speed"], descending=True, right=True, mono=True, drop=3,
        ),
        Column(
            "first", "First token", 96, lambda r: fmt.short_time(r.first_token_s),
            BID_KEYS["first"], right=True, mono=True, drop=2,
        ),
        Column(
            "success", "Success", 140, _success, BID_KEYS["success"], descending=True, right=True,
            tone=lambda r: "text" if r.known else "text-3", tip=_about_own, drop=4,
        ),
        Column(
            "ping", "Ping", 92, lambda r: reach_words(r.reach)[0], BID_KEYS["ping"], right=True,
            tip=lambda r: r.reach.why, drop=6,
        ),
        Column(
            "stake", "Stake, MOR", 100, lambda r: fmt.in_column(vm.stake(r.price), STAKE_PLACES, up=True),
            BID_KEYS["stake"], right=True, mono=True,
            tip=lambda r: fmt.amount_tip(vm.stake(r.price), "MOR"),
        ),
        Column(
            "open", "", 112, action_words,
            tip=why_not, spoken=lambda r: " ".join((action_words(r), why_not(r))).strip(),
        ),
    ]  # fmt: skip


def length(seconds: int) -> str:
    """The length of a session in a title: `15 min`, `1 h`."""
    return f"{seconds // 60} min" if seconds < 3600 else f"{seconds // 3600} h"


def _score(row: BidRow) -> str:
    value = row.quality
    return "unknown" if value is None else str(value)


def _success(row: BidRow) -> str:
    count = row.offer.stats.total_count
    if row.success is None:
        return f"{fmt.counted(count, 'session')} so far" if count else "no sessions yet"
    return f"{100 * row.success:.1f}\u00a0% of {count:,}"


def _about_model(row: ModelRow) -> str:
    return "\n".join((row.name, row.id, *((", ".join(row.tags),) if row.tags else ())))


def _about_provider(row: BidRow, vm: MarketViewModel) -> str:
    known = vm.market.providers.get(row.provider) if vm.market is not None else None
    lines = [fmt.full_address(row.provider), f"Score: {_score(row)}"]
    lines.append(f"Answer to a ping: {reach_words(row.reach)[0]}")
    if known is not None:
        lines.append(f"At {one_line(known.endpoint)}")
        lines.append(f"Its own stake: {fmt.amount(known.stake, 'MOR')}")
    if row.rated is not None and row.rated.earns_at_most == 0:
        lines.append("It has earned all that its stake allows in this period.")
    return "\n".join(lines)


def _about_score(row: BidRow) -> str:
    stats = row.offer.stats
    if row.rated is None or not row.known:
        return f"{fmt.counted(stats.total_count, 'session')} so far: too few to say."
    lines = [f"{PART_WORDS.get(name, name)}: {100 * value:.0f}" for name, value in row.rated.parts]
    return "\n".join((*lines, f"From {fmt.counted(stats.total_count, 'session')} on the chain."))


def _about_own(row: BidRow) -> str:
    own = row.rated.evidence if row.rated is not None else None
    if own is None or not own.calls:
        return "You have not used this provider yet."
    words = [f"Your own calls: {own.calls}, {own.failures} failed, {own.empty} empty."]
    if own.first_token_ms is not None:
        words.append(f"First token {fmt.short_time(own.first_token_ms / 1000)} (median).")
    return "\n".join(words)
