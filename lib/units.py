"""Numbers with their unit in the type: they type the code and document the API."""

from typing import Annotated

from msgspec import Meta

Price = Annotated[float, Meta(description="Price of one unit of base, in quote currency.")]
Percent = Annotated[float, Meta(description="Percent: 2.34 means 2.34 %.")]
QuoteVolume = Annotated[float, Meta(description="Volume of the last 24 hours in quote currency.")]
BaseAmount = Annotated[float, Meta(description="Amount in units of the base asset.")]
QuoteAmount = Annotated[float, Meta(description="Amount in units of the quote asset.")]
Money = Annotated[float, Meta(description="Amount of money in the reply's currency.")]
UnixMs = Annotated[int, Meta(description="Unix time in milliseconds, UTC.")]
IsoTime = Annotated[str, Meta(description="ISO-8601 time in UTC, ending in Z.")]
IsoDate = Annotated[str, Meta(description="ISO-8601 date or time, UTC.")]
PairName = Annotated[str, Meta(description="Pair as BASE/QUOTE.", examples=["BTC/USDT"])]
AssetName = Annotated[str, Meta(description="Asset or pair as asked.", examples=["BTC"])]
