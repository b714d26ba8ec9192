"""The forecast: its fan on the chart, its figures, its record, and when there is none."""

from tests.functions.page.reader import Reader

SCORED = """
const really = window.fetch;
window.fetch = (url, options) => String(url) !== "api/ai/performance" ? really(url, options)
  : Promise.resolve(Response.json({
      recording: true, recorded: 60, scored: 50, days: 90, since: "2026-11-01T00:00:00Z",
      forecasts: [{ model: "m", timeframe: "1h", horizon: 24, symbol: null, n: 50,
        coverage_80: 0.78, coverage_95: 0.94, crps_ratio: 0.991, hit_rate: 0.52 }],
    }));
"""
CANDLES_AFTER_THE_FORECAST = """
const answered = window.fetch;
const forecast = () => new Promise((done) => {
  const look = () => document.querySelector("#forecast .facts") ? done() : setTimeout(look, 20);
  look();
});
window.fetch = async (url, options) => {
  if (String(url).includes("api/ohlcv?")) await forecast();
  return answered(url, options);
};
"""
LIGHT_BLUE_PIXELS = """
let count = 0;
for (const canvas of document.querySelectorAll("#chart canvas")) {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < data.length; i += 4) count += data[i + 2] > 235 && data[i + 2] - data[i] > 15;
}
return count;
"""
WHOLE_FAN = 5000
"""Light blue pixels that only a fan with all of its steps in view has."""


def test_the_forecast_is_drawn_as_a_fan(reader: Reader) -> None:
    reader.open()
    reader.wait(lambda: reader.all("#forecast .facts"))

    reader.wait(lambda: reader.run(LIGHT_BLUE_PIXELS) > WHOLE_FAN)

    reader.button("1m").click()  # for which there is no forecast
    reader.wait(lambda: reader.run(LIGHT_BLUE_PIXELS) == 0)


def test_a_forecast_that_comes_before_its_candles_has_room(reader: Reader) -> None:
    with reader.before(CANDLES_AFTER_THE_FORECAST):
        reader.open()
        reader.wait_for_chart("BTC 1h")

        reader.wait(lambda: reader.run(LIGHT_BLUE_PIXELS) > WHOLE_FAN)


def test_a_timeframe_without_forecast_says_so(reader: Reader) -> None:
    reader.open()
    reader.wait_for_chart("BTC 1h")

    reader.button("1m").click()

    reader.wait(lambda: "not for 1m" in reader.text("#forecast .body"))


def test_scores_of_the_track_record_are_shown(reader: Reader) -> None:
    with reader.before(SCORED):
        reader.open()
        reader.wait(lambda: reader.all("#record td"))

        shown = [cell.text for cell in reader.all("#record td")]
        assert shown == ["24 \N{MULTIPLICATION SIGN} 1h", "50", "78 %", "52 %", "0.991"]
