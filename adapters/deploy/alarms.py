"""What wakes whoever runs the functions: alarms of CloudWatch, made where an SNS topic is named.

Callers' failures are seen by the API. Whoever is called by the clock or by sockets tells nobody and
never raises, so for them errors in the log count, beside those that Lambda sees (time-outs).
"""

from collections.abc import Mapping
from typing import Final

from adapters.deploy.serverless_parts import SERVICE
from adapters.deploy.yaml_text import Plain
from lib.trigger import Trigger

CONDITION: Final = "HasAlarmTopic"
CONDITIONS: Final[Mapping[str, Plain]] = {
    CONDITION: {"Fn::Not": [{"Fn::Equals": ["${param:alarmTopic}", "none"]}]}
}
NAMESPACE: Final = f"{SERVICE}/${{sls:stage}}"
ERROR_LINE: Final = r'?"\"level\":\"error\"" ?"[ERROR]"'
"""One of ours, or one of Lambda's own form, as lines are before the settings were read."""

LEAST_ASKED: Final = 20
"""Answers in a minute below which a share of them says nothing."""


def alarms(triggers: Mapping[str, Trigger]) -> Mapping[str, Plain]:
    """Alarms by logical id, with the filters of logs that some need."""
    made: dict[str, Plain] = {"ManyAnswersFailAlarm": _many_answers_fail()}
    for name, trigger in triggers.items():
        identity = "".join(word.capitalize() for word in name.split("_"))
        made[f"{identity}ErrorLines"] = _error_lines(name)
        made[f"{identity}FailsAlarm"] = _fails(name, 60 * (trigger.every_min or 5))
    return made


def _many_answers_fail() -> Plain:
    stage: list[Plain] = [{"Name": "ApiId", "Value": {"Ref": "HttpApi"}}]
    return _alarm(
        "Over 1 % of answers of the HTTP API are 5xx: docs/operations.md, ManyAnswersFail",
        [
            _metric("failed", "AWS/ApiGateway", "5xx", stage, 60),
            _metric("asked", "AWS/ApiGateway", "Count", stage, 60),
            _sum(f"IF(asked >= {LEAST_ASKED}, failed / asked, 0)"),
        ],
        threshold=0.01,
        periods=(5, 5),
    )


def _fails(name: str, period_s: int) -> Plain:
    function: list[Plain] = [{"Name": "FunctionName", "Value": f"{SERVICE}-${{sls:stage}}-{name}"}]
    return _alarm(
        f"{name} fails again and again: its log says why",
        [
            _metric("raised", "AWS/Lambda", "Errors", function, period_s),
            _metric("told", NAMESPACE, f"{name}_errors", [], period_s),
            _sum("FILL(raised, 0) + FILL(told, 0)"),
        ],
        threshold=0,
        periods=(2, 3),
    )


def _error_lines(name: str) -> Plain:
    group = name.capitalize().replace("_", "Underscore")  # as osls calls it
    return {
        "Type": "AWS::Logs::MetricFilter",
        "Condition": CONDITION,
        "Properties": {
            "LogGroupName": {"Ref": f"{group}LogGroup"},
            "FilterPattern": ERROR_LINE,
            "MetricTransformations": [
                {
                    "MetricNamespace": NAMESPACE,
                    "MetricName": f"{name}_errors",
                    "MetricValue": "1",
                }
            ],
        },
    }


def _alarm(
    why: str, metrics: list[Plain], *, threshold: float, periods: tuple[int, int]
) -> Mapping[str, Plain]:
    """An alarm for more than `threshold` in so many of so many periods."""
    bad, seen = periods
    topic: list[Plain] = ["${param:alarmTopic}"]
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Condition": CONDITION,
        "Properties": {
            "AlarmDescription": why,
            "Metrics": metrics,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": threshold,
            "DatapointsToAlarm": bad,
            "EvaluationPeriods": seen,
            "TreatMissingData": "notBreaching",
            "AlarmActions": topic,
            "OKActions": topic,
        },
    }


def _metric(
    identity: str, namespace: str, name: str, dimensions: list[Plain], period_s: int
) -> Mapping[str, Plain]:
    metric: dict[str, Plain] = {"Namespace": namespace, "MetricName": name}
    if dimensions:
        metric["Dimensions"] = dimensions
    stated: dict[str, Plain] = {"Metric": metric, "Period": period_s, "Stat": "Sum"}
    return {"Id": identity, "MetricStat": stated, "ReturnData": False}


def _sum(expression: str) -> Mapping[str, Plain]:
    return {"Id": "judged", "Expression": expression, "ReturnData": True}
