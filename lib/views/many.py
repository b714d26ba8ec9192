"""Several symbols in one question: who is unknown is left out with the reason, not the rest."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from lib.context import Context, gather
from lib.errors import ApiError, InvalidParameter, InvalidSymbol
from lib.symbols import Spoken, parse_symbol

T = TypeVar("T")


def read_symbols(ctx: Context, text: str, field: str, most: int) -> dict[str, Spoken]:
    """What each of the words between commas means, by the word as it was written.

    Raises:
        InvalidParameter: a word is no symbol, or there are none or too many.
    """
    words = split_words(text, field, most)
    spoken = {word: parse_symbol(word, field=field) for word in words}
    renamed = ",".join(one.renamed_from for one in spoken.values() if one.renamed_from)
    ctx.note(renamed_from=renamed or None)
    return spoken


def split_words(text: str, field: str, most: int) -> list[str]:
    """The words between commas, each once, in their order.

    Raises:
        InvalidParameter: there are none or too many.
    """
    words = list(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    if not 1 <= len(words) <= most:
        raise InvalidParameter.of(field, text, f"from 1 to {most} symbols separated by commas")
    return words


async def ask_each(
    ctx: Context, symbols: dict[str, Spoken], name: str, ask: Callable[[Spoken], Awaitable[T]]
) -> dict[str, T]:
    """The answers by word; `meta.missing` says under `name[word]` who is left out and why.

    Raises:
        ApiError: not one could be answered; the first one's reason.
    """

    async def one(spoken: Spoken) -> T | ApiError:
        try:
            return await ask(spoken)
        except ApiError as error:
            return error

    found = await gather(*(one(spoken) for spoken in symbols.values()))
    answers: dict[str, T] = {}
    errors: list[ApiError] = []
    for word, answer in zip(symbols, found, strict=True):
        if isinstance(answer, ApiError):
            errors.append(answer)
            failed = not isinstance(answer, InvalidSymbol)
            ctx.lacks(f"{name}[{word}]", answer.message, failed=failed)
        else:
            answers[word] = answer
    if errors and not answers:
        raise errors[0]
    return answers
