"""Forecasts by the models that ship with the service: no network, no key, no cost."""

import asyncio

from lib.errors import InsufficientData, SourceUnsupported
from lib.feeds import FORECASTS
from lib.outlook import Forecast
from lib.providers.base import Provider, serves
from lib.queries import ForecastQuery


class EmbeddedForecast(Provider):
    """`ensemble_v3`; what it reached on its test period stands in `lib/models`."""

    name = "embedded_forecast"
    base_url = ""

    @serves(FORECASTS)
    async def forecast(self, query: ForecastQuery) -> Forecast:
        """The next `horizon` bars.

        Raises:
            SourceUnsupported: fewer than 50 candles in which somebody traded.
        """
        # numpy loads here, in the thread: light functions know this class and never get so far
        return await asyncio.to_thread(_forecast, query)


def _forecast(query: ForecastQuery) -> Forecast:
    from lib.analysis.embedded import embedded_forecaster

    try:
        return embedded_forecaster().forecast(
            query.candles, query.timeframe, query.horizon, query.interval
        )
    except InsufficientData as error:
        raise SourceUnsupported(error.message) from error
