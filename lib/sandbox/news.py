"""What happens in the sandbox: every hour two moves of its own market and one other piece."""

from functools import lru_cache
from typing import Final, NamedTuple

from lib.sandbox.assets import ASSETS, BY_ID, Asset
from lib.sandbox.noise import draws
from lib.sandbox.world import World

_HOUR_S: Final = 3600
_DAY_S: Final = 86_400
_NOTED: Final = [asset for asset in ASSETS if "stable" not in asset.tags][:24]

_UP: Final = (
    "{name} gains {move}% in a day as buyers return",
    "{name} ({symbol}) rallies {move}% to ${price}",
    "{symbol} price jumps {move}% while {other} lags behind",
    "Traders back {name} after a {move}% climb above ${price}",
)
_DOWN: Final = (
    "{name} drops {move}% in a day as traders take profit",
    "{name} ({symbol}) slides {move}% to ${price}",
    "{symbol} price falls {move}%, dragging {other} lower",
    "Sellers hit {name}: down {move}% and below ${price}",
)
_FLAT: Final = (
    "{name} holds near ${price} with a move of only {move}%",
    "{symbol} price analysis: {move}% in a day leaves ${price} in play",
)
_OTHER: Final = (
    "Sandbox regulators ask for comments on new stablecoin rules",
    "A pension fund of the sandbox adds a {name} ETF to its portfolio",
    "{name} developers schedule the next network upgrade",
    "DeFi lending protocols on {name} report record deposits",
    "An NFT collection on {name} sells out within minutes",
    "Exploit drains a small {name} bridge, team halts withdrawals",
    "Miners' share of {name} supply shrinks for a third month",
    "Sandbox exchange lists {name} pairs after community vote",
    "Court dismisses lawsuit against the {name} foundation",
    "Payments firm accepts {name} in 40 more countries",
    "Central bank of the sandbox publishes a CBDC pilot report",
    "{name} staking rewards rise as validators leave the queue",
    "Wallet maker fixes a vulnerability found by {name} researchers",
    "Hedge funds cut their {name} exposure ahead of the Fed meeting",
    "Metaverse studio moves its game from {other} to {name}",
    "{name} DAO votes to fund open source tooling",
    "Phishing campaign targets holders of {name} and {other}",
    "Analysts disagree on what {name} options say about June",
    "University opens a course on {name} smart contracts",
    "Airdrop hunters flock to a new rollup that settles on {name}",
    "Tokenized bonds worth $90 million settle on {name}",
    "Developers of {other} propose a bridge to {name}",
    "Survey: one in five sandbox shops would take {name}",
    "{name} community remembers the anniversary of its first block",
)
_MORE: Final = (
    "The sandbox's own market data show {symbol} at ${price}; a day ago it was ${before}.",
    "Volume over the same 24 hours and the state of {other} are in the full report.",
    "Nothing here happened outside the sandbox: its news are made from its prices.",
)


class Event(NamedTuple):
    """Something to report, from `at_s` on."""

    key: str
    at_s: int
    title: str
    summary: str
    topic: str
    asset: Asset


def events(world: World, now_s: int, hours: int) -> list[Event]:
    """Everything of the last so many whole hours, newest first."""
    newest = now_s // _HOUR_S - 1
    made = [event for hour in range(newest, newest - hours, -1) for event in _of_hour(world, hour)]
    return sorted(made, key=lambda event: -event.at_s)


@lru_cache(maxsize=256)
def _of_hour(world: World, hour: int) -> tuple[Event, ...]:
    picks = draws(f"{world.market.seed}|news|{hour}", 12)
    first = picks[0] % len(_NOTED)
    chosen = [_NOTED[first], _NOTED[(first + 1 + picks[1] % (len(_NOTED) - 1)) % len(_NOTED)]]
    made = []
    for i, asset in enumerate((chosen[0], BY_ID["bitcoin"], chosen[1])):
        at_s = hour * _HOUR_S + i * 1200 + picks[2 + i] % 900
        made.append(_event(world, hour, i, asset, chosen[1 - min(i, 1)], at_s, picks[5 + i]))
    return tuple(made)


def _event(
    world: World, hour: int, i: int, asset: Asset, other: Asset, at_s: int, pick: int
) -> Event:
    day = world.market.bar(asset, at_s - _DAY_S, at_s + 1)
    unit = 10.0**asset.price_decimals
    change = (day.close / day.open - 1) * 100
    if i == 2:
        title, topic = _OTHER[hour % len(_OTHER)], "Business"
    else:
        table = _FLAT if abs(change) < 1 else _UP if change > 0 else _DOWN
        title, topic = table[pick % len(table)], "Markets"
    words = {
        "name": asset.name,
        "symbol": asset.symbol,
        "other": other.name if other is not asset else "the market",
        "move": f"{abs(change):.2f}",
        "price": f"{day.close / unit:,.6g}",
        "before": f"{day.open / unit:,.6g}",
    }
    return Event(
        key=f"{hour}-{i}",
        at_s=at_s,
        title=title.format(**words),
        summary=" ".join(_MORE).format(**words),
        topic=topic,
        asset=asset,
    )
