"""What the server may be asked, and where it says that it is."""

import pytest

from adapters.command_line import banner, read_options


@pytest.mark.parametrize("port", ["70000", "-1", "http", "7860.0", ""])
def test_a_port_that_there_is_not_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        read_options([f"--port={port}"])

    assert end.value.code == 2
    assert f"argument --port: {port!r} is no number from 0 to 65535" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("host", "root"),
    [
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("::1", "http://[::1]:8000"),
        ("example.org", "http://example.org:8000"),
    ],
)
def test_the_banner_has_an_address_that_can_be_opened(host: str, root: str) -> None:
    options = read_options(["--host", host, "--port", "0"])

    assert f"try    curl {root}/api/price/BTC\n" in banner(options, "live", 8000)


def test_help_can_be_read_on_any_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_options(["--help"])

    assert capsys.readouterr().out.isascii()
