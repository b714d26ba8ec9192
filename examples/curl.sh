#!/usr/bin/env bash
# What the service answers, from the command line:  ROOT=https://your-space.hf.space examples/curl.sh
set -euo pipefail

ROOT=${ROOT:-http://127.0.0.1:7860}
KEY=${KEY:-} # with a key: 1000 requests a minute instead of 100

ask() { # path and query; a refusal still prints its envelope, and ends the script
  echo "GET $1" >&2
  curl --silent --show-error --fail-with-body --compressed --max-time 10 \
    ${KEY:+--header "Authorization: Bearer $KEY"} "$ROOT$1"
  echo
}

ask "/health"
ask "/api/price/BTC?convert=eur"
ask "/api/market?limit=3&sort=volume"
ask "/api/ohlcv?symbol=ETH/USDT&timeframe=1h&limit=3"
ask "/api/service/rate/batch?pairs=BTC/USDT,ETH/USDT"
ask "/udf/history?symbol=BTCUSDT&resolution=60&from=0&to=$(date +%s)&countback=3"

# A body that has not changed is not sent again.
etag=$(curl --silent --fail --output /dev/null --write-out '%header{etag}' "$ROOT/api/stats")
echo "GET /api/stats, once more: HTTP $(
  curl --silent --output /dev/null --write-out '%{http_code}' \
    --header "If-None-Match: $etag" "$ROOT/api/stats"
)" >&2
