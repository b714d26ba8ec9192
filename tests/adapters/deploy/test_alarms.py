"""Whoever names a topic is woken when functions fail, and nobody else pays for alarms."""

from typing import Any

from rehearsal.families import load_triggers


def watching(service: dict[str, Any]) -> dict[str, Any]:
    """Alarms and filters of logs, by logical id."""
    kinds = ("AWS::CloudWatch::Alarm", "AWS::Logs::MetricFilter")
    resources = service["resources"]["Resources"]
    return {name: one for name, one in resources.items() if one["Type"] in kinds}


def test_nothing_watches_unless_a_topic_is_named(service: dict[str, Any]) -> None:
    assert service["params"]["default"]["alarmTopic"] == "none"
    assert service["resources"]["Conditions"] == {
        "HasAlarmTopic": {"Fn::Not": [{"Fn::Equals": ["${param:alarmTopic}", "none"]}]}
    }
    assert {one.get("Condition") for one in watching(service).values()} == {"HasAlarmTopic"}


def test_every_alarm_tells_the_topic_that_it_begins_and_ends(service: dict[str, Any]) -> None:
    told = [
        (one["Properties"]["AlarmActions"], one["Properties"]["OKActions"])
        for one in watching(service).values()
        if one["Type"] == "AWS::CloudWatch::Alarm"
    ]

    topic = ["${param:alarmTopic}"]
    assert told == [(topic, topic)] * (1 + len(load_triggers()))


def test_an_error_in_the_log_of_a_trigger_counts(service: dict[str, Any]) -> None:
    resources = service["resources"]["Resources"]
    for name in load_triggers():
        identity = "".join(word.capitalize() for word in name.split("_"))
        line = resources[f"{identity}ErrorLines"]["Properties"]
        [made] = line["MetricTransformations"]
        seen = [
            one["MetricStat"]["Metric"]
            for one in resources[f"{identity}FailsAlarm"]["Properties"]["Metrics"]
            if "MetricStat" in one
        ]

        assert line["FilterPattern"] == r'?"\"level\":\"error\"" ?"[ERROR]"'
        assert {"Namespace": made["MetricNamespace"], "MetricName": made["MetricName"]} in seen
        assert seen[0]["Dimensions"] == [
            {"Name": "FunctionName", "Value": f"dreammaker-${{sls:stage}}-{name}"}
        ]


def test_a_share_of_few_answers_wakes_nobody(service: dict[str, Any]) -> None:
    alarm = service["resources"]["Resources"]["ManyAnswersFailAlarm"]["Properties"]

    judged = next(one["Expression"] for one in alarm["Metrics"] if "Expression" in one)
    assert judged == "IF(asked >= 20, failed / asked, 0)"
    assert (alarm["Threshold"], alarm["TreatMissingData"]) == (0.01, "notBreaching")
