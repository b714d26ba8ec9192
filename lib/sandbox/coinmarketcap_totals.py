"""CoinMarketCap's totals of the whole market. `/v1/global-metrics/quotes/latest`"""

from lib.clock import iso_utc
from lib.sandbox.coins import DAY_S, Coin, percent, ranked
from lib.sandbox.world import Row, World


def totals(world: World, at_s: int, key: str) -> Row:
    """The sums now and against the same time yesterday; those in dollars under `key` too."""
    coins, before = ranked(world, at_s), ranked(world, at_s - DAY_S)
    now, then = _totals(coins), _totals(before)
    updated = iso_utc(at_s * 1000).replace("Z", ".000Z")
    parts = {name: value for name, value in now.items() if name.startswith(("defi", "stablecoin"))}
    changes = {
        f"{kind}_24h_percentage_change": percent(
            now[f"{kind}_volume_24h"], then[f"{kind}_volume_24h"]
        )
        for kind in ("defi", "stablecoin")
    }
    no_derivatives = {
        "derivatives_volume_24h": 0.0,
        "derivatives_volume_24h_reported": 0.0,
        "derivatives_24h_percentage_change": 0.0,
    }
    quote = {
        **{k: now[k] for k in now if not k.startswith(("btc", "eth"))},
        **changes,
        **no_derivatives,
        "total_market_cap_yesterday": then["total_market_cap"],
        "total_volume_24h_yesterday": then["total_volume_24h"],
        "total_market_cap_yesterday_percentage_change": percent(
            now["total_market_cap"], then["total_market_cap"]
        ),
        "total_volume_24h_yesterday_percentage_change": percent(
            now["total_volume_24h"], then["total_volume_24h"]
        ),
        "last_updated": updated,
    }
    return {
        "active_cryptocurrencies": len(coins),
        "total_cryptocurrencies": len(coins),
        "active_market_pairs": 600,
        "active_exchanges": 5,
        "total_exchanges": 5,
        **{
            f"{coin}_dominance{suffix}": value
            for coin in ("btc", "eth")
            for suffix, value in (
                ("", now[coin]),
                ("_yesterday", then[coin]),
                ("_24h_percentage_change", now[coin] - then[coin]),
            )
        },
        **parts,
        **changes,
        **no_derivatives,
        "total_crypto_dex_currencies": 0,
        "today_incremental_crypto_number": 0,
        "past_24h_incremental_crypto_number": 0,
        "past_7d_incremental_crypto_number": 0,
        "past_30d_incremental_crypto_number": 0,
        "today_change_percent": 0.0,
        "tracked_yearly_number": {
            "maxIncrementalNumber": 0,
            "minIncrementalNumber": 0,
            "maxIncrementalDate": updated,
            "minIncrementalDate": updated,
        },
        "quote": {key: quote},
        "last_updated": updated,
    }


def _totals(coins: list[Coin]) -> dict[str, float]:
    cap, volume = sum(c.cap for c in coins), sum(c.volume for c in coins)
    of_coin = {c.asset.id: c for c in coins}
    bitcoin, ether = of_coin["bitcoin"], of_coin["ethereum"]
    made = {
        "btc": bitcoin.cap / cap * 100,
        "eth": ether.cap / cap * 100,
        "total_market_cap": cap,
        "total_volume_24h": volume,
        "total_volume_24h_reported": volume,
        "altcoin_volume_24h": volume - bitcoin.volume,
        "altcoin_volume_24h_reported": volume - bitcoin.volume,
        "altcoin_market_cap": cap - bitcoin.cap,
    }
    for kind, tag in (("defi", "defi"), ("stablecoin", "stable")):
        tagged = [c for c in coins if tag in c.asset.tags]
        made[f"{kind}_volume_24h"] = made[f"{kind}_volume_24h_reported"] = sum(
            c.volume for c in tagged
        )
        made[f"{kind}_market_cap"] = sum(c.cap for c in tagged)
    return made
