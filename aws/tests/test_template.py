"""The template holds what it promises: few rights, a shut door, the right clock."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from relevo_aws import template
from relevo_aws.plan import CONDITIONS, SENTENCES

TEMPLATE = template.parsed()
RESOURCES: dict[str, dict[str, Any]] = TEMPLATE["Resources"]
DEPLOYER = Path(__file__).parents[1] / "policies" / "deployer.json"

ALLOWED = {
    "MachineReadsRows": {"s3:GetObject", "s3:ListBucket"},
    "StartRole": {
        *("ec2:StartInstances", "logs:CreateLogStream", "logs:PutLogEvents"),
        "sqs:SendMessage",
    },
    "StopRole": {
        *("ec2:StopInstances", "logs:CreateLogStream", "logs:PutLogEvents"),
        "sqs:SendMessage",
    },
    "SchedulerRole": {"lambda:InvokeFunction", "sqs:SendMessage"},
}


def documents(name: str) -> list[dict[str, Any]]:
    """The policy documents of a role or a policy, without who may take it on."""
    properties = RESOURCES[name]["Properties"]
    inline = [each["PolicyDocument"] for each in properties.get("Policies", [])]
    own = properties.get("PolicyDocument")
    return [*inline, own] if own else inline


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    return {
        name: resource["Properties"]
        for name, resource in RESOURCES.items()
        if resource["Type"] == kind
    }


@pytest.mark.parametrize("name", [name for name in RESOURCES if documents(name)])
def test_a_policy_allows_its_few_actions_on_what_it_names(name: str) -> None:
    statements = [each for document in documents(name) for each in document["Statement"]]

    assert {action for each in statements for action in listed(each["Action"])} == ALLOWED[
        name
    ]
    for statement in statements:
        assert statement["Effect"] == "Allow"
        for resource in listed(statement["Resource"]):
            assert resource != "*"
            assert "*" not in str(resource).removesuffix("/${Dataset}/*'}")


def test_the_only_policy_of_amazon_is_the_one_for_session_manager() -> None:
    given = [
        arn
        for role in of_type("AWS::IAM::Role").values()
        for arn in role.get("ManagedPolicyArns", [])
    ]

    assert given == [
        {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AmazonSSMManagedInstanceCore"}
    ]


def test_each_function_may_switch_exactly_this_machine() -> None:
    machine = (
        "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:instance/${Machine}"
    )
    for role in ("StartRole", "StopRole"):
        first = documents(role)[0]["Statement"][0]
        assert first["Resource"] == {"Fn::Sub": machine}


def test_the_door_opens_one_port_to_those_who_were_named() -> None:
    (door,) = of_type("AWS::EC2::SecurityGroup").values()
    (rule,) = door["SecurityGroupIngress"]

    assert (rule["FromPort"], rule["ToPort"]) == (8080, 8080)
    assert rule["CidrIp"] == {"Ref": "AllowedCidr"}
    assert "Default" not in TEMPLATE["Parameters"]["AllowedCidr"]
    assert "KeyName" not in RESOURCES["Machine"]["Properties"]


def test_the_machine_speaks_imdsv2_only_and_its_disk_is_encrypted() -> None:
    (machine,) = of_type("AWS::EC2::Instance").values()

    assert machine["MetadataOptions"]["HttpTokens"] == "required"
    assert all(disk["Ebs"]["Encrypted"] for disk in machine["BlockDeviceMappings"])
    assert machine["InstanceType"] == {"Ref": "Size"}
    assert template.defaults()["Size"] == "t3.small"


@pytest.mark.parametrize(
    ("name", "cron", "function"),
    [
        ("StartSchedule", "cron(55 8 * * ? *)", "StartFunction"),
        ("StopSchedule", "cron(55 23 * * ? *)", "StopFunction"),
    ],
)
def test_the_scheduler_takes_the_schedules_as_they_are_written(
    aws: None, name: str, cron: str, function: str
) -> None:
    values: dict[str, str] = {
        **template.defaults(),
        "StartFunction": "arn:aws:lambda:us-east-1:123456789012:function:StartFunction",
        "StopFunction": "arn:aws:lambda:us-east-1:123456789012:function:StopFunction",
        "SchedulerRole": "arn:aws:iam::123456789012:role/SchedulerRole",
        "GivenUp": "arn:aws:sqs:us-east-1:123456789012:GivenUp",
        "Machine": "i-0123456789abcdef0",
    }
    scheduler: Any = boto3.client("scheduler")

    scheduler.create_schedule(Name=name, **resolved(RESOURCES[name]["Properties"], values))
    kept = scheduler.get_schedule(Name=name)

    assert kept["ScheduleExpression"] == cron
    assert kept["ScheduleExpressionTimezone"] == "America/Lima"
    assert kept["State"] == "ENABLED"
    assert kept["FlexibleTimeWindow"] == {"Mode": "OFF"}
    target = kept["Target"]
    assert target["Arn"] == values[function]
    assert json.loads(target["Input"]) == {"instance_id": values["Machine"]}
    assert target["DeadLetterConfig"] == {"Arn": values["GivenUp"]}
    assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0


def resolved(value: Any, values: dict[str, str]) -> Any:
    """References replaced, as CloudFormation does."""
    match value:
        case {"Ref": name}:
            return values[name]
        case {"Fn::GetAtt": [name, "Arn"]}:
            return values[name]
        case {"Fn::Sub": str(text)}:
            for name, known in values.items():
                text = text.replace(f"${{{name}}}", known)
            return text
        case dict():
            return {key: resolved(each, values) for key, each in value.items()}
    return value


def test_a_failed_start_raises_an_alarm_and_logs_do_not_stay_for_ever() -> None:
    alarms = of_type("AWS::CloudWatch::Alarm")
    (log,) = of_type("AWS::Logs::LogGroup").values()

    assert alarms["StartFailed"]["MetricName"] == "Errors"
    assert alarms["StartFailed"]["Dimensions"] == [
        {"Name": "FunctionName", "Value": {"Ref": "StartFunction"}}
    ]
    assert all(alarm["AlarmActions"] for alarm in alarms.values())
    assert log["RetentionInDays"] == 30
    for function in of_type("AWS::Lambda::Function").values():
        assert function["LoggingConfig"] == {"LogGroup": {"Ref": "PowerLog"}}
        assert function["DeadLetterConfig"]
        assert function["Runtime"] == "python3.13"


def test_the_plan_has_a_sentence_for_each_resource_and_knows_each_condition() -> None:
    assert list(SENTENCES) == list(RESOURCES)
    assert CONDITIONS.keys() == TEMPLATE["Conditions"].keys()


def test_what_is_sent_holds_the_functions_code_and_is_small_enough() -> None:
    text = template.body()

    assert text.count("def start(event") == 2
    assert "lambda_power.py}" not in text
    assert len(text.encode()) < 51_200


def test_the_deploying_person_needs_no_right_on_everything_that_can_be_narrowed() -> None:
    for statement in json.loads(DEPLOYER.read_text())["Statement"]:
        actions = listed(statement["Action"])
        assert not [action for action in actions if action.endswith(":*")]
        if "*" in listed(statement["Resource"]):
            # EC2 and friends know no narrower resource for these
            assert statement["Sid"] in {"Look", "Machine"}
