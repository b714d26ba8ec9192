"""Times are told as the document's introduction says."""

from collections.abc import Iterator
from typing import Any

from adapters.openapi.document import build_document
from functions import load_endpoints

SCHEMAS = build_document(load_endpoints(), "1.2.3")["components"]["schemas"]


def fields() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Component, name and schema of every field, without the null that it may be."""
    for component, schema in SCHEMAS.items():
        for name, field in schema.get("properties", {}).items():
            for one in field.get("anyOf", [field]):
                if one.get("type") != "null":
                    yield component, name, one


def test_names_that_end_in_at_or_date_are_texts_but_for_those_that_are_named() -> None:
    told = {
        (component, name): field.get("type")
        for component, name, field in fields()
        if name.endswith(("_at", "_date")) or name == "last_updated"
    }

    assert {field for field, kind in told.items() if kind != "string"} == {
        ("Provenance", "fetched_at"),
        ("SignalView", "expires_at"),
    }


def test_every_timestamp_is_milliseconds() -> None:
    told = {
        (component, name): field.get("description")
        for component, name, field in fields()
        if name in ("timestamp", "ts")
    }

    assert set(told.values()) == {"Unix time in milliseconds, UTC."}
