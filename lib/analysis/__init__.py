"""Pure numerics over candles: the only home of numpy and pandas."""
