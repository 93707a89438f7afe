"""What would be created or changed, in words. Pure functions."""

from collections.abc import Iterator, Mapping
from datetime import time
from typing import Any

from relevo_aws.choices import time_of

HOURS_A_MONTH = 365 * 24 / 12

SENTENCES = {
    "Door": "a firewall: port 8080 for {AllowedCidr}, nothing else, no SSH",
    "MachineRole": "the machine's role: Session Manager may reach it",
    "MachineReadsRows": "and it may read s3://{DatasetBucket}/{Dataset}/",
    "MachineProfile": "what hands this role to the machine",
    "Machine": "a {Size} with Amazon Linux 2023 that runs {Image}: "
    "{Dataset}, one batch every {BatchInterval} s",
    "Address": "a fixed IP address, the same after each night",
    "PowerLog": "the functions' log, kept for 30 days",
    "StartRole": "the start function's role: it may start this machine",
    "StopRole": "the stop function's role: it may stop this machine",
    "StartFunction": "a function that starts the machine",
    "StopFunction": "a function that stops the machine",
    "SchedulerRole": "the schedules' role: they may call these two functions",
    "StartSchedule": "a start every day at {start} {Zone}",
    "StopSchedule": "a stop every day at {stop} {Zone}",
    "GivenUp": "a queue with the starts and stops that were given up",
    "Trouble": "a topic for alarms",
    "TroubleByEmail": "its subscriber {AlarmEmail}",
    "StartFailed": "an alarm when a start fails",
    "GaveUp": "an alarm when a start or a stop is given up",
}
CONDITIONS = {"HasBucket": "DatasetBucket", "HasEmail": "AlarmEmail"}
"""A condition of the template and the parameter that must not be empty for it."""

ACTIONS = {"Add": "new", "Modify": "changed", "Remove": "removed"}


def creation(template: Mapping[str, Any], parameters: Mapping[str, str]) -> Iterator[str]:
    """One line for each resource of a new stack, and the hours that it will run."""
    start, stop = time_of(parameters["StartCron"]), time_of(parameters["StopCron"])
    words = {**parameters, "start": f"{start:%H:%M}", "stop": f"{stop:%H:%M}"}
    for name, resource in template["Resources"].items():
        needed = CONDITIONS.get(resource.get("Condition", ""))
        if needed is None or parameters[needed]:
            yield f"  {name:15} {SENTENCES[name].format_map(words)}"
    hours = hours_awake(start, stop) * HOURS_A_MONTH / 24
    yield f"The machine runs {hours:.0f} of {HOURS_A_MONTH:.0f} hours a month."


def change(resource: Mapping[str, Any]) -> str:
    """One line for a change that CloudFormation announces."""
    name = resource["LogicalResourceId"]
    action = ACTIONS.get(resource["Action"], resource["Action"])
    replaced = {
        "True": ": it is REPLACED by a new one",
        "Conditional": ": perhaps it is replaced by a new one",
    }
    return f"  {name:15} {action}{replaced.get(resource.get('Replacement', ''), '')}"


def hours_awake(start: time, stop: time) -> float:
    """Hours a day from start to stop, over midnight if need be."""
    minutes = (stop.hour - start.hour) * 60 + stop.minute - start.minute
    return minutes % (24 * 60) / 60
