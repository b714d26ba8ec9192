"""What today's front ends ask about news, moods, forecasts, chains and DeFi."""

from tests.functions.front_ends import Call, Reads
from tests.functions.senses import (
    Maybe,
    Object,
    Rows,
    address,
    amount,
    any_ms,
    between_0_and_100,
    capitals,
    day_ms,
    exactly,
    hundredths,
    iso_time,
    number,
    one_of,
    pair,
    past_ms,
    polar,
    positive,
    recent_ms,
    text,
    texts,
    unit,
    whole,
)

TONE = one_of("positive", "negative", "neutral")
MOOD = one_of("extreme_fear", "fear", "neutral", "greed", "extreme_greed")
MOOD_IN_WORDS = one_of("Extreme Fear", "Fear", "Neutral", "Greed", "Extreme Greed")
LEAN = one_of("bullish", "bearish", "neutral")
TRADE = one_of("buy", "sell", "hold")
VITALIK = "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045"
TEXT = "Bitcoin soars to a record high"

HEADLINE: Reads = {
    "id": text,
    "title": text,
    "url": address,
    "source": text,
    "published_at": iso_time,
    "sentiment": Maybe(TONE),
}
ARTICLE: Reads = HEADLINE | {"description": text, "content": text, "tags": texts}
NEWS: Reads = {"success": exactly(True), "articles": Rows(ARTICLE), "news": Rows(ARTICLE)}
GLOBAL_MOOD: Reads = {
    "value": hundredths,
    "fear_greed_index": hundredths,
    "market_mood": MOOD,
    "sentiment": MOOD,
    "value_classification": MOOD_IN_WORDS,
    "confidence": unit,
    "timestamp": day_ms,
    "history": Rows({"timestamp": any_ms, "sentiment": hundredths, "volume": Maybe(amount)}),
}
ASSET_MOOD: Reads = {
    "symbol": exactly("BTC"),
    "sentiment": TONE,
    "score": polar,
    "confidence": unit,
    "sources": texts,
}
JUDGED: Reads = {
    "success": exactly(True),
    "label": TONE,
    "sentiment": one_of("Bullish", "Bearish", "Neutral"),
    "score": polar,
    "confidence": unit,
    "model": text,
}
SIGNAL: Reads = {
    "symbol": pair,
    "type": TRADE,
    "confidence": unit,
    "entry_price": positive,
    "target_price": Maybe(positive),
    "stop_loss": Maybe(positive),
    "created_at": iso_time,
    "reasoning": texts,
}
STEP: Reads = {
    "timestamp": any_ms,
    "price": positive,
    "lower_bound": positive,
    "upper_bound": positive,
    "confidence": unit,
}
PREDICTED: Reads = {
    "symbol": exactly("BTC/USDT"),
    "horizon": exactly(24),
    "predictions": Rows(STEP),
    "prediction": positive,
    "action": TRADE,
    "direction": LEAN,
    "confidence": unit,
    "model": text,
    "timestamp": past_ms,
}
DECIDED: Reads = {
    "decision": one_of("BUY", "SELL", "HOLD"),
    "confidence": unit,
    "summary": text,
    "reason": text,
    "signals": Rows({"name": text, "direction": LEAN, "text": text}),
    "risks": texts,
    "targets": Object(
        {"support": Maybe(positive), "resistance": Maybe(positive), "target": Maybe(positive)}
    ),
    "analysis": Object({"technical_score": between_0_and_100}),
}
MOVE: Reads = {
    "from": Maybe(text),
    "to": Maybe(text),
    "amount": positive,
    "amount_usd": Maybe(positive),
    "chain": text,
    "ts": any_ms,
    "hash": text,
    "direction": Maybe(one_of("inbound", "outbound")),
}
MOVES: Reads = {"data": Rows(MOVE), "count": whole}
CALLED = MOVE | {"amount": amount, "amount_usd": Maybe(amount)}
"""A transaction of an address may be a mere call of a contract, which moves nothing."""
GAS: Reads = {
    "slow": positive,
    "standard": positive,
    "fast": positive,
    "gas_prices": Object({"slow": positive, "standard": positive, "fast": positive}),
    "timestamp": recent_ms,
}
FEAR: Reads = {"value": hundredths, "value_classification": MOOD_IN_WORDS, "timestamp": day_ms}
PROTOCOL: Reads = {"name": text, "tvl": positive, "chains": texts, "change_1d": Maybe(number)}
POOL: Reads = {"project": text, "symbol": capitals, "chain": text, "apy": number, "tvl": positive}

JUDGED_CALLS = tuple(
    Call(path, JUDGED, {"text": TEXT} | more)
    for path in ("/api/sentiment/analyze", "/api/service/sentiment", "/api/sentiment")
    for more in ({}, {"mode": "crypto"}, {"mode": "news", "symbol": "BTC"})
)
"""Questions that no upstream is asked for."""

TOLD_CALLS = (
    Call("/api/news/latest?symbol=BTC", NEWS),
    Call("/api/news/latest?limit=10", NEWS),
    Call("/api/news?limit=20", NEWS),
    Call("/api/news?limit=5&source=coindesk", NEWS),
    Call("/api/news/headlines?limit=10", HEADLINE, bare=True),
    Call("/api/sentiment/global?timeframe=1D", GLOBAL_MOOD),
    Call("/api/sentiment/global?timeframe=7D", GLOBAL_MOOD),
    Call("/api/sentiment/global?timeframe=30D", GLOBAL_MOOD),
    Call("/api/sentiment", GLOBAL_MOOD),
    Call("/api/sentiment/asset/BTC", ASSET_MOOD),
    Call("/api/fear-greed", FEAR),
    Call("/api/fear-greed?limit=1", FEAR),
    Call("/api/ai/signals?symbol=BTC", {"signals": Rows(SIGNAL)}),
    Call("/api/ai/predict", PREDICTED, {"symbol": "BTC", "timeframe": "1h"}),
    Call("/api/ai/predict", PREDICTED, {"symbol": "BTC", "timeframe": "4h"}),
    Call("/api/ai/decision", DECIDED, {"symbol": "BTC", "timeframe": "1h"}),
    Call(
        "/api/ai/decision",
        DECIDED,
        {"symbol": "BTC", "horizon": "swing", "risk_tolerance": "moderate", "context": "a note"},
    ),
    Call("/api/service/whales?limit=20&symbol=ETH", MOVES),
    Call("/api/service/whales?chain=ethereum&min_amount_usd=1000000&limit=10", MOVES),
    Call(f"/api/service/onchain?address={VITALIK}", {"data": Rows(CALLED), "count": whole}),
    Call("/api/blockchain/gas", GAS),
    Call("/api/blockchain/gas?chain=ethereum", GAS),
    Call(
        "/api/defi/protocols?limit=20",
        {"source": exactly("defillama"), "protocols": Rows(PROTOCOL)},
    ),
    Call("/api/defi/yields?limit=20", {"source": exactly("defillama"), "pools": Rows(POOL)}),
)
