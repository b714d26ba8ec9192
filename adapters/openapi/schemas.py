"""JSON Schemas of what endpoints take and give, from the models that declare it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from inspect import cleandoc
from typing import Any, get_args, get_origin

import msgspec
from msgspec.inspect import StructType, Type, multi_type_info

from lib.endpoint import Document, Endpoint, Provenance, Request

Schema = dict[str, Any]

REF = "#/components/schemas/{name}"

_SYMBOL = "[A-Za-z0-9]{1,20}([/_:-][A-Za-z0-9]{1,20})?"
PATTERNS = {
    "symbol": f"^{_SYMBOL}$",
    "pair": f"^{_SYMBOL}$",
    "symbols": f"^({_SYMBOL}(,{_SYMBOL})*)?$",
    "pairs": f"^{_SYMBOL}(,{_SYMBOL})*$",
    "language": "^([A-Za-z]{2}|all)$",
}
"""How a text of this name is written wherever it is asked for; `lib.symbols` reads symbols."""

EXAMPLES: Mapping[str, Any] = {
    "symbol": "BTC",
    "symbols": "BTC,ETH",
    "pair": "BTC/USDT",
    "pairs": "BTC/USDT,ETH/USDT",
    "timeframe": "1h",
    "from": 1_735_689_600_000,
    "to": 1_738_368_000_000,
    "source": "kraken",
    "chain": "ethereum",
    "address": "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045",
    "text": "Bitcoin breaks out as fund inflows hit a record",
    "texts": ["Bitcoin breaks out as fund inflows hit a record", "Exchange halts withdrawals"],
}
"""What to ask for under these names, where the model gives no example of its own."""


def parameters(endpoint: Endpoint) -> list[Schema]:
    """Path and query parameters; a POST's fields outside its path travel in the body."""
    in_path = path_names(endpoint.path)
    fields = _fields(endpoint.request)
    if endpoint.method == "POST":
        fields = {name: field for name, field in fields.items() if name in in_path}
    required = set(_schema(endpoint.request).get("required", ()))
    return [
        _parameter(name, field, name in in_path, name in in_path or name in required, endpoint)
        for name, field in fields.items()
    ]


def _parameter(
    name: str, schema: Schema, in_path: bool, required: bool, endpoint: Endpoint
) -> Schema:
    schema = _without_null(schema)
    examples = schema.pop("examples", None)
    made: Schema = {"name": name, "in": "path" if in_path else "query", "required": required}
    said = [schema.pop("description", "")]
    others = [alias for alias, own in endpoint.request.aliases.items() if own == name]
    said += [f"also accepted as `{alias}`" for alias in others]
    if any(said):
        made["description"] = "; ".join(filter(None, said))
    if required and name in PATTERNS and schema.get("pattern") == PATTERNS[name]:
        schema["minLength"] = 1  # an empty one would be left out, and it must be there
    elif not in_path and not required:
        made["allowEmptyValue"] = True  # `?chain=` counts as absent
    made["schema"] = schema
    if examples:
        made["example"] = examples[0]
    elif required:
        made["example"] = _example(name, schema)
    return made


def body(endpoint: Endpoint) -> Schema | None:
    """The content of a POST: its JSON object's schema and an example; `None` for other methods."""
    if endpoint.method != "POST":
        return None
    schema = _schema(endpoint.request)
    in_path = path_names(endpoint.path)
    fields = {k: v for k, v in _fields(endpoint.request).items() if k not in in_path}
    required = [name for name in schema.get("required", ()) if name in fields]
    made = {k: v for k, v in schema.items() if k not in ("properties", "required", "$defs")}
    made["properties"] = fields
    if required:
        made["required"] = required
    examples = made.pop("examples", None)
    wanted = [name for name in fields if name in required or "examples" in fields[name]]
    example = examples[0] if examples else {name: _example(name, fields[name]) for name in wanted}
    return {"schema": made, "example": example}


def body_components(endpoints: Iterable[Endpoint]) -> dict[str, Schema]:
    """The schemas that bodies refer to."""
    posts = [endpoint.request for endpoint in endpoints if endpoint.method == "POST"]
    return {k: v for request in posts for k, v in _schema(request).get("$defs", {}).items()}


def replies(endpoints: Iterable[Endpoint]) -> tuple[dict[str, Schema], dict[str, Schema]]:
    """The schema of each endpoint's JSON reply, by its name, and the components that they use.

    A reply made from feeds says in `meta` where its values come from.
    """
    speaking = [endpoint for endpoint in endpoints if media_types(endpoint.reply) is None]
    types = [endpoint.reply for endpoint in speaking]
    schemas, components = describe([*types, Provenance])
    always = {kind.cls.__name__ for kind in _structs(types) if not _omits(kind.cls)}
    for name, component in components.items():
        if "description" in component:
            component["description"] = cleandoc(component["description"])
        if name in always:  # a field that has a default is written all the same
            written = {k for k, v in component["properties"].items() if "default" in v}
            required = written.union(component.get("required", ()))
            component["required"] = [k for k in component["properties"] if k in required]
    by_name = {e.name: schema for e, schema in zip(speaking, schemas[:-1], strict=True)}
    for endpoint in speaking:
        own = components.get(by_name[endpoint.name].get("$ref", "").rpartition("/")[2])
        if endpoint.feeds and own and "properties" in own:
            own["properties"]["meta"] = {"$ref": REF.format(name="Provenance")}
    return by_name, components


def describe(kinds: Iterable[Any]) -> tuple[tuple[Schema, ...], dict[str, Schema]]:
    """The schema of each type, and the components that they refer to."""
    schemas, components = msgspec.json.schema_components(kinds, ref_template=REF)
    _open_rows(components)
    return schemas, components


def _open_rows(schema: Any) -> None:
    """Rows of fixed length say so by `maxItems`: generators of clients stumble over
    `items: false`, which says it again, and linters where nothing is said of items."""
    parts = schema.values() if isinstance(schema, dict) else schema
    for part in parts:
        if isinstance(part, dict | list):
            _open_rows(part)
    if isinstance(schema, dict) and "maxItems" in schema and schema.get("items") is False:
        kinds = {part.get("type") for part in schema["prefixItems"]}
        schema["items"] = {"type": kinds.pop()} if len(kinds) == 1 and None not in kinds else {}


def media_types(reply: Any) -> tuple[str, ...] | None:
    """What a document may be, stated as `Annotated[Document, "text/html"]`; `None` for JSON."""
    if get_origin(reply) is None:
        return ("text/plain",) if reply is Document else None
    kind, *stated = get_args(reply)
    return tuple(stated) if kind is Document else None


def path_names(path: str) -> list[str]:
    """The parameters in a path of Starlette's form."""
    return re.findall(r"\{(\w+)(?::\w+)?\}", path)


def _schema(model: type[Request]) -> Schema:
    schema: Schema = model.model_json_schema(ref_template=REF.replace("{name}", "{model}"))
    return schema


def _fields(model: type[Request]) -> dict[str, Schema]:
    return {n: _field(n, dict(f)) for n, f in _schema(model).get("properties", {}).items()}


def _field(name: str, schema: Schema) -> Schema:
    schema.pop("title", None)
    plain = _without_null(schema)
    if plain.get("type") == "string" and name in PATTERNS and not {"pattern", "enum"} & {*plain}:
        plain["pattern"] = PATTERNS[name]
        return plain
    return schema


def _without_null(schema: Schema) -> Schema:
    """An optional field as it can be written in a URL: present, or not there."""
    made = {k: v for k, v in schema.items() if k != "anyOf" and not (k == "default" and v is None)}
    kinds = [kind for kind in schema.get("anyOf", ()) if kind.get("type") != "null"]
    if len(kinds) == 1:
        return {**made, **kinds[0]}
    return {**made, "anyOf": kinds} if kinds else made


def _example(name: str, schema: Schema) -> Any:
    options = schema.get("enum", ())
    said = EXAMPLES.get(name)
    if "examples" in schema:
        return schema["examples"][0]
    if said is not None and (not options or said in options):
        return said
    if options:
        return options[0]
    by_type = {"boolean": True, "integer": schema.get("minimum", 1), "number": 1.0}
    return schema.get("default", by_type.get(schema.get("type", ""), name))


def _omits(struct: type) -> bool:
    return bool(struct.__struct_config__.omit_defaults)  # type: ignore[attr-defined]  # a Struct


def _structs(types: Iterable[Any]) -> Iterator[StructType]:
    seen: set[type] = set()
    left: list[Any] = list(multi_type_info(types))
    while left:
        found = left.pop()
        if isinstance(found, StructType):
            if found.cls in seen:
                continue
            seen.add(found.cls)
            yield found
        if isinstance(found, tuple):
            left.extend(found)
        elif isinstance(found, Type | msgspec.inspect.Field):
            left.extend(getattr(found, name) for name in found.__struct_fields__)
