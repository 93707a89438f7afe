"""A line of a log as people read it; what is no JSON stays as it is."""

import json

from relevo_story.telling.figures import clock, moment

LEFT_OUT = {"timestamp", "level", "message", "service", "logger", "exception"}


def readable(line: str) -> str:
    """'14:03:09 info     batch cleaned  batch_id=diabetes130-0002 rows=14690'."""
    try:
        facts = json.loads(line)
        time, level = clock(moment(facts["timestamp"])), facts["level"]
        message = facts["message"]
    except (KeyError, TypeError, ValueError):
        return line.rstrip("\n")
    rest = [f"{name}={value}" for name, value in facts.items() if name not in LEFT_OUT]
    told = f"{time} {level:<8} {message}  {' '.join(rest)}".rstrip()
    fault = facts.get("exception")
    return f"{told}\n{fault}" if fault else told
