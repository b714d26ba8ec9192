"""moto as the AWS account, and what is fetched back from it.

    python -m rehearsal.cloud PORT

Takes requests on that port of loopback until it is ended.
"""

import io
import json
import logging
import zipfile
from pathlib import Path
from typing import Any

import boto3

from lib.command import command
from rehearsal.tools import REGION, STAGE, Failed

SERVICE = "dreammaker"
STACK = f"{SERVICE}-{STAGE}"
KEYS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
}


def serve(port: int) -> None:
    """Run moto's server. cfn-lint's warnings are no errors to CloudFormation; moto takes them for
    such when a template is validated."""
    from moto.cloudformation import models, utils
    from moto.server import main

    judge = utils.validate_template_cfn_lint
    models.validate_template_cfn_lint = lambda template: [  # type: ignore[attr-defined]  # imported there, not exported
        found for found in judge(template) if found.rule.id.startswith("E")
    ]
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    main(["-H", "127.0.0.1", "-p", str(port)])


class Deployed:
    """The stack as it stands in the account: functions, their code, their layers."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._s3 = self.client("s3")
        self._lambda = self.client("lambda")
        stack = self.client("cloudformation")
        found = stack.describe_stack_resource(
            StackName=STACK, LogicalResourceId="ServerlessDeploymentBucket"
        )
        self._bucket = found["StackResourceDetail"]["PhysicalResourceId"]
        told = stack.get_template(StackName=STACK)["TemplateBody"]
        self.template: dict[str, Any] = told if isinstance(told, dict) else json.loads(told)

    def client(self, service: str) -> Any:
        """An SDK's client of one service."""
        return boto3.client(
            service,
            endpoint_url=self._address,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - moto takes any
        )

    def put_secret(self, name: str, value: str) -> None:
        """Put a parameter where the functions look for it."""
        self.client("ssm").put_parameter(
            Name=f"/{SERVICE}/{STAGE}/{name}", Value=value, Type="SecureString", Overwrite=True
        )

    def configuration(self, name: str) -> dict[str, Any]:
        """A function's handler, memory, timeout, environment and layers."""
        found: dict[str, Any] = self._lambda.get_function(FunctionName=f"{STACK}-{name}")
        return dict(found["Configuration"])

    def function_zip(self, name: str) -> bytes:
        """A function's code as it was uploaded."""
        return self._read(_resource(self.template, f"{STACK}-{name}")["Code"]["S3Key"])

    def layer_zip(self, logical_id: str) -> bytes:
        """A layer's content as it was uploaded."""
        return self._read(self.template["Resources"][logical_id]["Properties"]["Content"]["S3Key"])

    def layers_of(self, name: str) -> list[str]:
        """The logical ids of a function's layers, the lowest first."""
        properties = _resource(self.template, f"{STACK}-{name}")
        return [layer["Ref"] for layer in properties.get("Layers", [])]

    def _read(self, key: str) -> bytes:
        body: bytes = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        return body


def unpack(content: bytes, folder: Path) -> int:
    """Unzip into a folder; how many bytes it has unzipped."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
        return sum(entry.file_size for entry in archive.infolist())


def _resource(template: dict[str, Any], function_name: str) -> dict[str, Any]:
    for resource in template["Resources"].values():
        properties: dict[str, Any] = resource.get("Properties", {})
        if properties.get("FunctionName") == function_name:
            return properties
    raise Failed(f"{function_name} is not in the deployed stack")


def main() -> None:
    """Serve on the port that the command line names."""
    parser = command(__doc__)
    parser.add_argument("port", metavar="PORT", type=int, help="on loopback")
    serve(parser.parse_args().port)


if __name__ == "__main__":
    main()
