"""Parts of serverless.yml that no declaration changes: provider, roles, throttling, the table."""

from collections.abc import Mapping, Sequence
from typing import Final

from adapters.deploy.yaml_text import Plain

SERVICE: Final = "dreammaker"

PASSED_ON: Final = ("CORS_ORIGINS", "RATE_LIMIT_IP", "RATE_LIMIT_KEY", "LOG_LEVEL")
"""Settings that are no secrets: taken from the environment of whoever deploys."""

TABLE_ID: Final = "ConnectionsTable"
TABLE_NAME: Final = f"{SERVICE}-${{sls:stage}}-connections"


def role(
    name: str, secrets: Sequence[str], *, table: Sequence[str] = (), methods: Sequence[str] = ()
) -> Mapping[str, Plain]:
    """What a function may do: write its own log, read these secrets, and if so declared do these
    things with the table of connections and with connections themselves."""
    log = f"log-group:/aws/lambda/{SERVICE}-${{sls:stage}}-{name}:*"
    root = f"parameter/{SERVICE}/${{sls:stage}}"
    statements = [
        _allow(["logs:CreateLogStream", "logs:PutLogEvents"], _arn("logs", log)),
        _allow(["ssm:GetParameters"], [_arn("ssm", f"{root}/{secret}") for secret in secrets]),
    ]
    if table:
        actions = [f"dynamodb:{action}" for action in table]
        statements.append(_allow(actions, {"Fn::GetAtt": [TABLE_ID, "Arn"]}))
    if methods:
        ours = [
            _arn("execute-api", f"${{WebsocketsApi}}/${{sls:stage}}/{method}/@connections/*")
            for method in methods
        ]
        statements.append(_allow(["execute-api:ManageConnections"], ours))
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "lambda.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            },
            "Policies": [
                {
                    "PolicyName": name,
                    "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
                }
            ],
        },
    }


def _allow(actions: Sequence[str], resource: Plain) -> Mapping[str, Plain]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


def _arn(service: str, resource: str) -> Plain:
    account = "${AWS::Region}:${AWS::AccountId}"
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:{service}:{account}:{resource}"}


def _address(api: str, path: str) -> Plain:
    host = f"${{{api}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}"
    return {"Fn::Sub": f"https://{host}{path}"}


PROVIDER: Final[Mapping[str, Plain]] = {
    "name": "aws",
    "runtime": "${param:runtime}",
    "architecture": "x86_64",
    "stage": "${opt:stage, 'dev'}",
    "region": "${opt:region, 'us-east-1'}",
    "versionFunctions": False,
    "stackTags": {"service": SERVICE, "stage": "${sls:stage}"},
    "logRetentionInDays": "${param:logDays}",
    "environment": {
        "SECRETS_PATH": f"/{SERVICE}/${{sls:stage}}",
        **{name: f"${{env:{name}, ''}}" for name in PASSED_ON},
    },
    "httpApi": {"payload": "2.0"},
}

ENDPOINTS: Final[Mapping[str, Plain]] = {
    "WS_ENDPOINT": _address("WebsocketsApi", "/${sls:stage}"),
    "HTTP_ENDPOINT": _address("HttpApi", ""),
}
"""Where functions find the two APIs, unless the environment of whoever deploys says otherwise."""

HTTP_STAGE: Final[Mapping[str, Plain]] = {
    "Properties": {
        "DefaultRouteSettings": {
            "ThrottlingRateLimit": "${param:rate}",
            "ThrottlingBurstLimit": "${param:burst}",
        }
    }
}
WEBSOCKET_STAGE: Final = HTTP_STAGE

TABLE: Final[Mapping[str, Plain]] = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {
        "TableName": TABLE_NAME,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")
        ],
        "KeySchema": [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        "TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": True},
    },
}
"""No second index: what is asked for together stands under one key."""

OFFLINE: Final[Mapping[str, Plain]] = {
    "host": "127.0.0.1",
    "httpPort": "${env:OFFLINE_HTTP_PORT, '3000'}",
    "websocketPort": "${env:OFFLINE_WEBSOCKET_PORT, '3001'}",
    "lambdaPort": "${env:OFFLINE_LAMBDA_PORT, '3002'}",
    "noPrependStageInUrl": True,
    "localEnvironment": True,  # the addresses of upstreams come from there
}
