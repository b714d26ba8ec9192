"""How a command of this project introduces itself: its `--help` is its module's docstring."""

import argparse


def command(told: str | None) -> argparse.ArgumentParser:
    """A parser for the module whose docstring this is; of its paragraphs, the one that begins with
    `python` is the usage, and the others stand below it as they are.

    Raises:
        ValueError: no paragraph says how the command is called.
    """
    paragraphs = (told or "").strip("\n").split("\n\n")
    usages = [one for one in paragraphs if one.lstrip().startswith("python ")]
    if len(usages) != 1:
        raise ValueError("a command's docstring has one paragraph of usage: python -m NAME …")
    lines = [line.strip() for line in usages[0].strip("\n").splitlines()]
    return argparse.ArgumentParser(
        prog=" ".join(lines[0].split()[:3]),
        usage="\n       ".join(lines).replace("%", "%%"),
        description="\n\n".join(one for one in paragraphs if one not in usages),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
