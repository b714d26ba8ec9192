"""Whose wallet an address is."""

import csv
import gzip
from pathlib import Path

import pytest

from lib.chain import EVM_CHAINS
from lib.onchain.address import bitcoin_fault, evm_fault
from lib.onchain.wallets import load_wallets
from lib.settings import SettingsError
from tests.conftest import Corpus

BINANCE = "0x28c6c06298d514db089934071355e5743bf21d60"


def rows() -> list[dict[str, str]]:
    path = Path(load_wallets.__code__.co_filename).with_name("wallets.csv")
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("chain", EVM_CHAINS)
def test_one_key_holds_the_same_address_on_every_evm_chain(chain: str) -> None:
    assert load_wallets().owner(chain, BINANCE) == "Binance"


def test_the_case_of_hex_does_not_matter_that_of_base58_does() -> None:
    wallets = load_wallets()
    cold = "34xp4vRoCGJym3xR7yCVPFHoCNxv4Twseo"

    assert wallets.owner("ethereum", "0x" + BINANCE[2:].upper()) == "Binance"
    assert wallets.owner("bitcoin", cold) == "Binance"
    assert wallets.owner("bitcoin", cold.lower()) is None


def test_strangers_and_missing_addresses_have_no_owner() -> None:
    wallets = load_wallets()

    assert wallets.owner("ethereum", "0x" + "12" * 20) is None
    assert wallets.owner("ethereum", None) is None
    assert wallets.owner("bitcoin", BINANCE) is None


def test_every_address_of_the_table_can_exist_and_stands_in_it_once() -> None:
    listed = rows()

    assert len({(row["network"], row["address"]) for row in listed}) == len(listed) > 500
    for row in listed:
        fault = bitcoin_fault if row["network"] == "bitcoin" else evm_fault
        assert fault(row["address"]) is None, row
        assert row["address"] == row["address"].lower() or row["network"] == "bitcoin"


def test_no_token_contract_is_taken_for_a_wallet() -> None:
    tokens = {contract for network in EVM_CHAINS.values() for contract in network.tokens}

    assert tokens.isdisjoint(row["address"] for row in rows())


def test_a_file_adds_and_corrects_rows(tmp_path: Path) -> None:
    file = tmp_path / "more.csv"
    file.write_text(
        f"chain,address,owner,note\nethereum,0x{'12' * 20},Mine,x\nethereum,{BINANCE},Other,\n"
        "bsc,,Nobody,\n",
        encoding="utf-8",
    )

    wallets = load_wallets(str(file))

    assert wallets.owner("ethereum", "0x" + "12" * 20) == "Mine"
    assert wallets.owner("bsc", "0x" + "12" * 20) is None
    assert (wallets.owner("ethereum", BINANCE), wallets.owner("bsc", BINANCE)) == (
        "Other",
        "Binance",
    )


def test_a_gzipped_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "more.csv.gz"
    file.write_bytes(gzip.compress(f"network,address,owner\nevm,0x{'12' * 20},Mine\n".encode()))

    assert load_wallets(str(file)).owner("polygon", "0x" + "12" * 20) == "Mine"


def test_the_corpus_of_wallets_serves_as_such_a_file(corpus: Corpus) -> None:
    file = corpus.root / "onchain" / "exchange_addresses.csv.gz"

    assert len(load_wallets(str(file))) > len(load_wallets())


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"", b"\xff\xfe\x00"])
def test_a_file_that_is_no_such_table_stops_the_start_with_a_sentence(
    content: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "odd.csv"
    file.write_bytes(content)

    with pytest.raises(SettingsError, match="EXCHANGE_WALLETS_FILE"):
        load_wallets(str(file))


def test_a_damaged_archive_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "damaged.csv.gz"
    whole = gzip.compress(b"network,address,owner\n")
    path.write_bytes(whole[:10] + b"\xff" * 8 + whole[18:])

    with pytest.raises(SettingsError, match="cannot be read"):
        load_wallets(str(path))


def test_a_file_is_not_read_in_part(tmp_path: Path) -> None:
    row = f"evm,{BINANCE},Somebody\n".encode()
    path = tmp_path / "large.csv.gz"
    path.write_bytes(gzip.compress(b"network,address,owner\n" + row * 400_000, 1))

    with pytest.raises(SettingsError, match="larger than 20 MiB"):
        load_wallets(str(path))


def test_a_file_with_an_endless_field_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "wallets.csv"
    path.write_text(f"network,address,owner\nevm,{BINANCE},{'x' * 200_000}\n")

    with pytest.raises(SettingsError, match="field larger than field limit"):
        load_wallets(str(path))


def test_a_file_that_is_not_there_stops_the_start_with_a_sentence() -> None:
    with pytest.raises(SettingsError, match="No such file"):
        load_wallets("/nowhere/wallets.csv")
