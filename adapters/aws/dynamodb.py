"""One DynamoDB table whose rows have the keys `pk` and `sk`: as much of it as we need.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/Welcome.html
Numbers are whole, texts are texts, a list of texts is a set; an empty one is not stored.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx

from adapters.aws.calls import TRIES, AwsCalls, NoCredentials

Row = Mapping[str, Any]
Key = Mapping[str, str]

MOST_WRITES: Final = 25  # BatchWriteItem's own limit


class TableFailed(Exception):
    """The table could not be read or written; the text tells AWS's kind of error, no values."""


class Table:
    """A table by its name."""

    def __init__(self, calls: AwsCalls, name: str) -> None:
        self._calls = calls
        self._name = name

    async def get(self, key: Key) -> Row | None:
        """A row as it is now."""
        told = await self._ask("GetItem", {"Key": _packed(key), "ConsistentRead": True})
        return _unpacked(told["Item"]) if "Item" in told else None

    async def put(self, row: Row, unless_later: tuple[str, int] | None = None) -> bool:
        """Write a row over the one there is.

        Args:
            unless_later: a number and a bound; a row whose number is above it stays, and the
                answer is false.
        """
        asked: dict[str, Any] = {"Item": _packed(row)}
        if unless_later:
            name, bound = unless_later
            asked["ConditionExpression"] = "attribute_not_exists(pk) OR #n <= :bound"
            asked["ExpressionAttributeNames"] = {"#n": name}
            asked["ExpressionAttributeValues"] = {":bound": {"N": str(bound)}}
        return await self._ask_if("PutItem", asked) is not None

    async def update(self, key: Key, values: Row, where: Row) -> bool:
        """Change a row that is there and holds these values; whether it was so."""
        packed = _packed(values)
        gone = [name for name in values if name not in packed]
        said = "SET " + ", ".join(f"#{name} = :{name}" for name in packed)
        if gone:
            said += " REMOVE " + ", ".join(f"#{name}" for name in gone)
        condition, names, wanted = _condition(where)
        asked = {
            "Key": _packed(key),
            "UpdateExpression": said,
            "ConditionExpression": condition,
            "ExpressionAttributeNames": {**{f"#{name}": name for name in values}, **names},
            "ExpressionAttributeValues": {**{f":{n}": v for n, v in packed.items()}, **wanted},
        }
        return await self._ask_if("UpdateItem", asked) is not None

    async def delete(self, key: Key, where: Row | None = None) -> Row | None:
        """Delete a row, if it holds these values; what it held, `None` if it was not there."""
        asked: dict[str, Any] = {"Key": _packed(key), "ReturnValues": "ALL_OLD"}
        if where:
            condition, names, wanted = _condition(where)
            asked["ConditionExpression"] = condition
            asked["ExpressionAttributeNames"] = names
            asked["ExpressionAttributeValues"] = wanted
        told = await self._ask_if("DeleteItem", asked)
        return _unpacked(told["Attributes"]) if told and "Attributes" in told else None

    async def query(self, pk: str, now_s: int) -> list[Row]:
        """The rows under a key that have not run out, by `sk`; as they were a moment ago."""
        asked: dict[str, Any] = {
            "KeyConditionExpression": "pk = :pk",
            "FilterExpression": "expires_at > :now",
            "ExpressionAttributeValues": {":pk": {"S": pk}, ":now": {"N": str(now_s)}},
        }
        rows: list[Row] = []
        while True:
            told = await self._ask("Query", asked)
            rows += map(_unpacked, told["Items"])
            if "LastEvaluatedKey" not in told:
                return rows
            asked["ExclusiveStartKey"] = told["LastEvaluatedKey"]

    async def write(self, rows: Sequence[Row], gone: Sequence[Key]) -> None:
        """Write and delete many rows. They share no key."""
        waiting: list[Any] = [{"PutRequest": {"Item": _packed(row)}} for row in rows]
        waiting += [{"DeleteRequest": {"Key": _packed(key)}} for key in gone]
        tries = TRIES
        while waiting:
            now, waiting = waiting[:MOST_WRITES], waiting[MOST_WRITES:]
            told = await self._ask("BatchWriteItem", {"RequestItems": {self._name: now}})
            left = told.get("UnprocessedItems", {}).get(self._name, [])
            if left:
                tries -= 1
                if not tries:
                    raise TableFailed("BatchWriteItem: UnprocessedItems")
                await asyncio.sleep(self._calls.first_wait_s * 2 ** (TRIES - tries))
            waiting = [*left, *waiting]

    async def _ask(self, action: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        told = await self._ask_if(action, asked)
        if told is None:
            raise TableFailed(f"{action}: ConditionalCheckFailedException")
        return told

    async def _ask_if(self, action: str, asked: Mapping[str, Any]) -> dict[str, Any] | None:
        """The answer; `None` if a condition does not hold."""
        named = asked if action == "BatchWriteItem" else {"TableName": self._name, **asked}
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"DynamoDB_20120810.{action}",
        }
        url, body = self._calls.address("dynamodb"), json.dumps(named).encode()
        try:
            reply = await self._calls.send("POST", url, body, service="dynamodb", headers=headers)
            told: dict[str, Any] = reply.json()
        except (httpx.HTTPError, NoCredentials, ValueError) as error:
            raise TableFailed(f"{action}: {type(error).__name__}") from error
        if reply.status_code == 200:
            return told
        kind = str(told.get("__type", reply.status_code)).rpartition("#")[2][:60]
        if kind == "ConditionalCheckFailedException":
            return None
        raise TableFailed(f"{action}: {kind}")


def _condition(where: Row) -> tuple[str, dict[str, str], dict[str, Any]]:
    names = {f"#is_{name}": name for name in where}
    wanted = {f":is_{name}": value for name, value in _packed(where).items()}
    return " AND ".join(f"#is_{name} = :is_{name}" for name in where), names, wanted


def _packed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _pack(value) for name, value in row.items() if value != []}


def _pack(value: Any) -> dict[str, Any]:
    if isinstance(value, int):
        return {"N": str(value)}
    return {"SS": value} if isinstance(value, list) else {"S": value}


def _unpacked(row: Mapping[str, Any]) -> Row:
    return {name: _unpack(*next(iter(value.items()))) for name, value in row.items()}


def _unpack(kind: str, value: Any) -> Any:
    return int(value) if kind == "N" else value
