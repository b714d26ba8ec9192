"""What a function's zip holds."""

from adapters.deploy.bundle import contents


def test_a_light_zip_leaves_out_models_sandbox_and_numerics() -> None:
    light = {path.as_posix() for path in contents("price", "light")}

    assert {"functions/price.py", "lib/assets.csv", "adapters/asgi.py"} <= light
    assert not [p for p in light if p.startswith(("lib/sandbox", "lib/analysis", "lib/models"))]
    assert {p for p in light if p.startswith("functions/")} == {
        "functions/__init__.py",
        "functions/price.py",
    }


def test_a_zip_of_sockets_brings_the_channels_that_they_carry() -> None:
    names = {
        path.name for path in contents("socket_pump", "light") if path.parent.name == "functions"
    }

    channels = {
        "live_any.py",
        "live_ohlcv.py",
        "live_orderbook.py",
        "live_ticker.py",
        "live_trades.py",
    }
    assert names == {"__init__.py", "socket_pump.py", *channels}


def test_an_ai_zip_brings_the_numerics() -> None:
    ai = {path.as_posix() for path in contents("price", "ai")}

    assert {p for p in ai if p.startswith("lib/analysis/")}
