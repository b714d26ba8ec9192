"""The OpenAPI document says what the endpoints declare, and what it says is true of them."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from adapters.envelope import PROBLEM, render_error
from adapters.openapi.document import build_document, plain_path
from adapters.openapi.parts import TAGS
from adapters.openapi.schemas import PATTERNS, media_types
from functions import load_endpoints
from lib import errors
from lib.endpoint import Endpoint
from lib.errors import ApiError, InvalidParameter
from lib.symbols import parse_symbol

ROOT = Path(__file__).resolve().parents[3]
ENDPOINTS = {endpoint.name: endpoint for endpoint in load_endpoints()}
SPEAKING = [e for e in ENDPOINTS.values() if media_types(e.reply) is None]
EXAMPLES = {
    file.stem: json.loads(file.read_text()) for file in (ROOT / "docs/examples").glob("*.json")
}
DOCUMENT = build_document(list(ENDPOINTS.values()), "1.2.3", EXAMPLES)

each_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=lambda e: e.name)
each_speaking = pytest.mark.parametrize("endpoint", SPEAKING, ids=lambda e: e.name)


def operation(endpoint: Endpoint) -> Any:
    return DOCUMENT["paths"][plain_path(endpoint.path)][endpoint.method.lower()]


def assert_fits(value: Any, schema: dict[str, Any]) -> None:
    """Check a value against a schema whose references point into the document."""
    root = schema | {"components": DOCUMENT["components"]}
    problems = [
        f"{e.json_path}: {e.message}" for e in Draft202012Validator(root).iter_errors(value)
    ]
    assert problems == []


def test_the_document_is_openapi_3_1() -> None:
    validate(DOCUMENT)

    assert DOCUMENT["openapi"] == "3.1.0"
    assert DOCUMENT["info"]["version"] == "1.2.3"


def test_its_licence_is_the_projects() -> None:
    assert DOCUMENT["info"]["license"]["name"] == (ROOT / "LICENSE").read_text().splitlines()[0]


def test_every_endpoint_is_in_it_once() -> None:
    listed = [
        (method.upper(), path, op["operationId"])
        for path, methods in DOCUMENT["paths"].items()
        for method, op in methods.items()
    ]

    declared = [(e.method, plain_path(e.path), e.name) for e in load_endpoints()]
    assert sorted(listed) == sorted(declared)


@each_endpoint
def test_every_field_of_a_request_can_be_sent(endpoint: Endpoint) -> None:
    told = operation(endpoint)
    fields = {info.alias or name for name, info in endpoint.request.model_fields.items()}

    by_place: dict[str, set[str]] = {"path": set(), "query": set()}
    for parameter in told["parameters"]:
        by_place[parameter["in"]].add(parameter["name"])
    body = told.get("requestBody", {}).get("content", {}).get("application/json", {})
    in_body = set(body.get("schema", {}).get("properties", ()))

    assert by_place["path"] == set(re.findall(r"\{(\w+)\}", plain_path(endpoint.path)))
    assert by_place["path"] | by_place["query"] | in_body == fields
    assert not (in_body and by_place["query"])


@each_endpoint
def test_an_operation_is_told_in_words(endpoint: Endpoint) -> None:
    told = operation(endpoint)

    assert told["summary"]
    assert endpoint.tag in TAGS
    assert endpoint.tag in {tag["name"] for tag in DOCUMENT["tags"]}


@each_endpoint
def test_what_is_required_comes_with_an_example_that_fits(endpoint: Endpoint) -> None:
    told = operation(endpoint)

    for parameter in told["parameters"]:
        if parameter["required"]:
            assert_fits(parameter["example"], parameter["schema"])
    for content in told.get("requestBody", {}).get("content", {}).values():
        assert_fits(content["example"], content["schema"])


@each_speaking
def test_the_example_of_a_reply_fits_its_schema(endpoint: Endpoint) -> None:
    content = operation(endpoint)["responses"]["200"]["content"]["application/json"]

    assert "example" in content, f"run: python -m docs.make_examples {endpoint.name}"
    assert_fits(content["example"], content["schema"])


@each_speaking
def test_a_reply_made_from_feeds_says_where_it_comes_from(endpoint: Endpoint) -> None:
    schema = operation(endpoint)["responses"]["200"]["content"]["application/json"]["schema"]
    name = schema.get("$ref", "").rpartition("/")[2]
    properties = DOCUMENT["components"]["schemas"].get(name, {}).get("properties", {})

    if endpoint.feeds and name:
        assert properties["meta"] == {"$ref": "#/components/schemas/Provenance"}
    told = [feed["feed"] for feed in operation(endpoint).get("x-feeds", ())]
    assert told == [feed.name for feed in endpoint.feeds]


@each_endpoint
def test_only_protected_paths_need_a_key(endpoint: Endpoint) -> None:
    told = operation(endpoint)

    optional = told["security"] == [] or {} in told["security"]
    assert optional == (endpoint.auth == "public")
    assert ("401" in told["responses"]) == (endpoint.auth == "key" or endpoint.key_for_more)
    assert ("403" in told["responses"]) == (endpoint.auth == "key")


@each_endpoint
def test_what_only_the_space_has_is_marked(endpoint: Endpoint) -> None:
    assert (operation(endpoint).get("x-host") == "space") == (endpoint.host == "space")


@each_endpoint
def test_an_optional_parameter_is_absent_and_never_null(endpoint: Endpoint) -> None:
    for parameter in operation(endpoint)["parameters"]:
        assert "null" not in json.dumps(parameter)


def test_a_field_with_a_default_is_always_in_the_reply() -> None:
    schema = DOCUMENT["components"]["schemas"]["PriceReply"]

    assert {"success", "change_24h"} <= set(schema["required"])


def test_a_field_that_may_be_left_out_is_not_required() -> None:
    schemas = DOCUMENT["components"]["schemas"]

    assert "q" not in schemas["Candle"]["required"]
    assert "renamed_from" not in schemas["Provenance"]["required"]


def _kinds() -> list[type[ApiError]]:
    found = [value for value in vars(errors).values() if isinstance(value, type)]
    return [kind for kind in found if issubclass(kind, ApiError) and kind is not ApiError]


@pytest.mark.parametrize("kind", _kinds())
def test_errors_are_as_the_document_says(kind: type[ApiError]) -> None:
    error = kind("Something is wrong", {"field": "limit"})

    for accept, schema in (("*/*", "Error"), (PROBLEM, "Problem")):
        body, media_type = render_error(error, 1_764_000_000_000, "a-request", accept)
        told = DOCUMENT["components"]["responses"][f"Error{kind.status}"]
        assert f"`{kind.code}`" in told["description"]
        assert media_type in told["content"]
        assert_fits(json.loads(body), {"$ref": f"#/components/schemas/{schema}"})


def test_symbols_declare_their_pattern_everywhere() -> None:
    bare = [
        (endpoint.name, parameter["name"])
        for endpoint in ENDPOINTS.values()
        for parameter in operation(endpoint)["parameters"]
        if parameter["name"] in PATTERNS and not {"pattern", "enum"} & {*parameter["schema"]}
    ]

    assert bare == []


@given(st.from_regex(PATTERNS["symbol"], fullmatch=True).map(lambda text: text.rstrip("\n")))
@example("BTC/USDT")
@example("1inch")
def test_what_the_pattern_allows_is_read_as_a_symbol(text: str) -> None:
    assert parse_symbol(text).pair.base


@given(st.text(max_size=50).filter(lambda text: text == text.strip(" ")))
@example("")
@example("BTC/")
@example("../etc")
@example("BTC USDT")
@example("BTC\n")
@example("\uff22\uff34\uff23")
def test_what_the_pattern_forbids_is_refused(text: str) -> None:
    if re.fullmatch(PATTERNS["symbol"].strip("^$"), text):
        return
    with pytest.raises(InvalidParameter):
        parse_symbol(text)


def test_declaring_the_endpoint_loads_none_of_its_machinery() -> None:
    program = (
        "import sys, functions.openapi, functions.docs_page\n"
        "print([m for m in ('adapters.openapi.document', 'adapters.openapi.schemas', 'flask', "
        "'flask_swagger_ui') if m in sys.modules])"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert loaded.stdout.strip() == "[]"
