"""Several symbols in one question."""

import pytest

from lib.context import Context
from lib.errors import ApiError, InvalidParameter, InvalidSymbol, UpstreamUnavailable
from lib.symbols import Spoken
from lib.views.many import ask_each, read_symbols, split_words
from tests.house import House


@pytest.fixture
def ctx(house: House) -> Context:
    return house.runtime.context()


@pytest.fixture
async def house() -> House:
    return House()


def test_words_keep_their_order_and_come_once() -> None:
    assert split_words(" b, a,,b ,c", "pairs", 3) == ["b", "a", "c"]


@pytest.mark.parametrize("text", ["", " , ", "a,b,c"])
def test_none_or_too_many_are_refused(text: str) -> None:
    with pytest.raises(InvalidParameter):
        split_words(text, "pairs", 2)


async def test_old_names_are_noted(ctx: Context) -> None:
    symbols = read_symbols(ctx, "MATIC,btc,XDG", "symbols", 9)

    assert [str(one.pair) for one in symbols.values()] == ["POL/USDT", "BTC/USDT", "DOGE/USDT"]
    assert ctx.notes == {"renamed_from": "MATIC,XDG"}


async def test_the_answers_stand_by_word_and_the_reasons_in_meta(ctx: Context) -> None:
    async def ask(spoken: Spoken) -> str:
        if spoken.pair.base == "B":
            raise InvalidSymbol.of("B/USDT")
        return spoken.pair.base

    found = await ask_each(ctx, read_symbols(ctx, "a,b,c", "symbols", 9), "rates", ask)

    assert found == {"a": "A", "c": "C"}
    assert ctx.missing == {"rates[b]": "Symbol B/USDT is not supported"}


@pytest.mark.parametrize("error", [InvalidSymbol.of("A"), UpstreamUnavailable("down")])
async def test_if_none_could_be_answered_the_first_reason_is_raised(
    ctx: Context, error: ApiError
) -> None:
    async def ask(spoken: Spoken) -> str:
        raise error

    with pytest.raises(type(error)):
        await ask_each(ctx, read_symbols(ctx, "a,b", "symbols", 9), "rates", ask)
