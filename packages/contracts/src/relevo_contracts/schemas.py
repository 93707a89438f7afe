"""The committed JSON Schemas: `python -m relevo_contracts.schemas [--check]`.

Without an option the files under packages/contracts/schemas are written anew, unless a
change is not additive: then nothing is written. With --check nothing is written at all.
"""

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from relevo_contracts.compatibility import breaking_changes
from relevo_contracts.dead_letters import DeadLetter
from relevo_contracts.envelope import Envelope
from relevo_contracts.events import EVENTS
from relevo_contracts.manifest import Manifest

FOLDER = Path(__file__).parents[2] / "schemas"


def current_schemas() -> dict[str, dict[str, Any]]:
    """File name -> JSON Schema of each contract as the code has it now."""
    models: dict[str, type[BaseModel]] = {event.type: event for event in EVENTS}
    models |= {
        "relevo.dead-letter.v1": DeadLetter,
        "relevo.envelope.v1": Envelope,
        "relevo.manifest.v3": Manifest,
    }
    return {f"{name}.json": model.model_json_schema() for name, model in models.items()}


def problems(folder: Path = FOLDER) -> list[str]:
    """What the committed files and the code disagree about, one sentence each."""
    found = []
    for name, schema in current_schemas().items():
        path = folder / name
        committed = json.loads(path.read_text()) if path.exists() else None
        if committed is None:
            found.append(f"{name} is not committed: run `make generate`")
        elif breaks := breaking_changes(committed, schema):
            found += [f"{name}: {change}; only additive changes" for change in breaks]
        elif committed != schema:
            found.append(f"{name} is not what the code says: run `make generate`")
    return found


def main(arguments: list[str]) -> int:
    """Check or write; 1 when something has to be done by a person."""
    found = problems()
    breaking = [problem for problem in found if "additive" in problem]
    if arguments == ["--check"] or breaking:
        sys.stderr.write("".join(f"schemas: {problem}\n" for problem in found))
        return 1 if found else 0
    FOLDER.mkdir(exist_ok=True)
    for name, schema in current_schemas().items():
        (FOLDER / name).write_text(json.dumps(schema, indent=2, sort_keys=True) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
