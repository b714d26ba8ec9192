"""A function may do what it must, and nothing else."""

import re
from typing import Any


def _policy(service: dict[str, Any], role: str) -> dict[str, Any]:
    """What a role allows: resources by action."""
    [policy] = service["resources"]["Resources"][role]["Properties"]["Policies"]
    statements = policy["PolicyDocument"]["Statement"]
    return {action: s["Resource"] for s in statements for action in s["Action"]}


def test_a_function_may_read_the_keys_of_its_own_sources_only(service: dict[str, Any]) -> None:
    def read(name: str) -> set[str]:
        resources = _policy(service, name)["ssm:GetParameters"]
        return {resource["Fn::Sub"].rsplit("/", 1)[1] for resource in resources}

    callers = {"API_KEYS", "UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN"}
    assert read("TradesRole") == callers  # no source of trades takes a key
    assert read("PriceRole") == {*callers, "COINGECKO_API_KEY"}
    # the clock calls it: there is no caller whose key it could look at
    assert read("SocketPumpRole") == {*callers, "COINGECKO_API_KEY"} - {"API_KEYS"}


def test_no_policy_has_a_wildcard_but_its_own_logs_streams_and_connections(
    service: dict[str, Any],
) -> None:
    text = str(service["resources"]["Resources"])

    wild = re.findall(r"[^'\"\s]*\*[^'\"\s]*", text)
    allowed = (
        r":log-group:/aws/lambda/dreammaker-[^*]+:\*$",
        r":\$\{WebsocketsApi\}/\$\{sls:stage\}/(POST|DELETE)/@connections/\*$",
    )
    assert wild
    assert all(any(re.search(pattern, found) for pattern in allowed) for found in wild)


def test_only_functions_of_sockets_reach_connections_and_their_table(
    service: dict[str, Any],
) -> None:
    roles = [name for name in service["resources"]["Resources"] if name.endswith("Role")]
    reach = {
        role: sorted(a for a in _policy(service, role) if a.startswith(("dynamodb:", "execute-")))
        for role in roles
    }

    table = {"Fn::GetAtt": ["ConnectionsTable", "Arn"]}
    assert {role: actions for role, actions in reach.items() if actions} == {
        "SocketPumpRole": [
            "dynamodb:BatchWriteItem",
            "dynamodb:DeleteItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "execute-api:ManageConnections",
        ],
        "SocketRoutesRole": [
            "dynamodb:BatchWriteItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
            "execute-api:ManageConnections",
        ],
    }
    assert _policy(service, "SocketPumpRole")["dynamodb:Query"] == table
    assert _policy(service, "SocketRoutesRole")["dynamodb:GetItem"] == table
