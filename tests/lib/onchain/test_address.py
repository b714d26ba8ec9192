"""Which texts can be addresses, and why the others cannot."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.chain import EVM_CHAINS
from lib.errors import InvalidParameter
from lib.onchain.address import bitcoin_fault, chain_of, checksummed, evm_fault, read_address
from tests.conftest import Corpus

# from EIP-55 itself
CHECKSUMMED = [
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77",
    "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]
# from BIP 173, BIP 350 and the first block
BITCOIN = [
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
    "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
    "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
    "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
]
NO_BITCOIN = [
    ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "checksum"),
    ("1A1zP1eP5QGefi2DMPTfTL5SLmv7Divf0a", "base58"),
    ("1A1zP1eP5QGefi2DMPTfTL5SLmv7Di", "25 bytes"),
    ("1", "25 bytes"),
    ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "checksum"),
    ("bc1qW508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "mixes"),
    ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd", "checksum"),  # no bech32m
    ("bc1gmk9yu", "length"),
    ("bc1", "length"),
    ("bc1q" + "b" * 40, "does not use"),
    ("tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", "test network"),
    ("mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", "test network"),
    ("0xde709f2102306220921060314715629080e2fb77", "none of"),
    ("", "none of"),
    ("1" * 5000, "too long"),
]


@pytest.mark.parametrize("address", CHECKSUMMED)
def test_the_checksums_of_eip_55_are_ours(address: str) -> None:
    assert checksummed(address.lower()) == address
    assert evm_fault(address) is None


@pytest.mark.parametrize("address", CHECKSUMMED[4:])
def test_one_wrong_case_is_a_wrong_checksum(address: str) -> None:
    at = max(place for place, letter in enumerate(address) if letter.isalpha())
    spoilt = address[:at] + address[at].swapcase() + address[at + 1 :]

    assert "checksum" in (evm_fault(spoilt) or "")


@pytest.mark.parametrize("address", CHECKSUMMED)
def test_one_case_carries_no_checksum_and_passes(address: str) -> None:
    assert evm_fault(address.lower()) is None
    assert evm_fault("0x" + address[2:].upper()) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        # the sample of the spec is a digit short
        ("0x742d35Cc6634C0532925a3b844Bc9e7595f0bEb", "39 characters"),
        ("0x" + "a" * 41, "41 characters"),
        ("0x" + "g" * 40, "other characters than hex"),
        ("0x" + "\N{FULLWIDTH DIGIT ONE}" * 40, "other characters than hex"),
        ("742d35cc6634c0532925a3b844bc454e4438f44e", "does not begin with 0x"),
        ("0X742d35cc6634c0532925a3b844bc454e4438f44e", "does not begin with 0x"),
        ("vitalik.eth", "does not begin with 0x"),
        ("", "does not begin with 0x"),
    ],
)
def test_what_is_no_evm_address_is_told_why(text: str, why: str) -> None:
    assert why in (evm_fault(text) or "")


@pytest.mark.parametrize("address", BITCOIN)
def test_bitcoins_address_forms_pass(address: str) -> None:
    assert bitcoin_fault(address) is None


@pytest.mark.parametrize(("text", "why"), NO_BITCOIN)
def test_what_is_no_bitcoin_address_is_told_why(text: str, why: str) -> None:
    assert why in (bitcoin_fault(text) or "")


@given(st.sampled_from(BITCOIN[:5]), st.data())
def test_no_single_changed_letter_of_a_bitcoin_address_passes(
    address: str, data: st.DataObject
) -> None:
    at = data.draw(st.integers(4, len(address) - 1))
    alphabet = "023456789acdefghjklmnpqrstuvwxyz"
    letter = data.draw(st.sampled_from(alphabet))
    spoilt = address[:at] + (letter.upper() if address.isupper() else letter) + address[at + 1 :]

    assert spoilt == address or bitcoin_fault(spoilt)


def test_sources_are_asked_in_the_plain_form() -> None:
    mixed, base58 = CHECKSUMMED[4], BITCOIN[0]

    assert read_address(mixed, "ethereum") == mixed.lower()
    assert read_address(BITCOIN[2], "bitcoin") == BITCOIN[2].lower()
    assert read_address(base58, "bitcoin") == base58


def test_a_refusal_names_the_value_the_reason_and_what_is_accepted() -> None:
    with pytest.raises(InvalidParameter, match="39 characters") as refused:
        read_address("0x742d35Cc6634C0532925a3b844Bc9e7595f0bEb", "polygon")

    (field,) = refused.value.details["fields"]
    assert field["field"] == "address"
    assert field["value"] == "0x742d35Cc6634C0532925a3b844Bc9e7595f0bEb"
    assert "40 hex digits" in field["accepted"]


@pytest.mark.parametrize(
    ("text", "chain"),
    [
        (CHECKSUMMED[0], "ethereum"),
        (BITCOIN[0], "bitcoin"),
        (BITCOIN[2], "bitcoin"),
        ("", "ethereum"),
    ],
)
def test_the_form_of_an_address_tells_its_chain(text: str, chain: str) -> None:
    assert chain_of(text) == chain


@pytest.mark.parametrize("chain", EVM_CHAINS)
def test_watched_contracts_are_addresses_in_small_letters(chain: str) -> None:
    for contract in EVM_CHAINS[chain].tokens:
        assert evm_fault(contract) is None
        assert contract == contract.lower()


def test_every_bitcoin_address_of_the_corpus_passes(corpus: Corpus) -> None:
    raw = (corpus.root / "onchain" / "exchange_addresses.csv.gz").read_bytes()
    rows = [line.split(",") for line in gzip.decompress(raw).decode().splitlines()]
    addresses = [row[1] for row in rows if row[0] == "bitcoin"]

    assert len(addresses) == 340
    assert [address for address in addresses if bitcoin_fault(address)] == []
