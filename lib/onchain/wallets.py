"""Whose wallet an address is: well-known hot and cold wallets of exchanges.

`wallets.csv` states public facts: addresses that exchanges showed as proof of their reserves, and
name tags of explorers, as gathered in brianleect/etherscan-labels and graphsense-tagpacks (MIT).
What is no wallet was left out: tokens, deployers, payers of fees. One key holds the same address
on every EVM chain, so those rows hold for all of them.
"""

import csv
import gzip
import zlib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from lib.chain import EVM_CHAINS

_OWN: Final = Path(__file__).with_name("wallets.csv")
_LONGEST: Final = 40  # letters of an owner's name
_LARGEST: Final = 20 * 1024 * 1024


class Wallets:
    """Owners by chain and address; rows of one chain go before those of every EVM chain."""

    def __init__(self, owners: Mapping[tuple[str, str], str]) -> None:
        self._owners = owners

    def __len__(self) -> int:
        return len(self._owners)

    def owner(self, chain: str, address: str | None) -> str | None:
        """The exchange that holds this address, if it is known."""
        if not address:
            return None
        key = _plain(address)
        found = self._owners.get((chain, key))
        if found is None and chain in EVM_CHAINS:
            found = self._owners.get(("evm", key))
        return found


def load_wallets(extra: str | None = None) -> Wallets:
    """Our own table, and over it the rows of a CSV file (`.csv` or `.csv.gz`) with the columns
    address, owner, and network or chain.

    Raises:
        SettingsError: the file cannot be read, is larger than 20 MiB or lacks a column.
    """
    own = _own_rows()
    return Wallets(own | _rows(_read(Path(extra)), str(extra)) if extra else own)


@cache
def _own_rows() -> dict[tuple[str, str], str]:
    return _rows(_OWN.read_text(encoding="utf-8").splitlines(), _OWN.name)


def _rows(lines: Iterable[str], name: str) -> dict[tuple[str, str], str]:
    table = csv.DictReader(lines)
    try:
        columns, rows = set(table.fieldnames or ()), list(table)
    except csv.Error as error:
        raise _refusal(f"{name}: {error}") from None
    if not {"address", "owner"} <= columns or not columns & {"network", "chain"}:
        raise _refusal(f"{name} needs the columns address, owner, and network or chain")
    owners = {}
    for row in rows:
        network = (row.get("network") or row.get("chain") or "").strip().lower()
        address, owner = _plain(row["address"] or ""), (row["owner"] or "").strip()
        if network and address and owner.isprintable() and owner:
            owners[network, address] = owner[:_LONGEST]
    return owners


def _read(path: Path) -> list[str]:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
        if len(raw) > _LARGEST:
            raise _refusal(f"{path} is larger than 20 MiB")
        return raw.decode("utf-8-sig").splitlines()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise _refusal(f"{path} cannot be read: {reason}") from None


def _refusal(reason: str) -> Exception:
    from lib.settings import SettingsError  # here: who only asks for an owner needs no settings

    return SettingsError(f"EXCHANGE_WALLETS_FILE: {reason}")


def _plain(address: str) -> str:
    text = address.strip()
    return text.lower() if text[:2].lower() == "0x" or text[:3].lower() == "bc1" else text
