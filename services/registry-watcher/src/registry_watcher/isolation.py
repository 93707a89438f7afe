"""One model's trouble holds up no other."""

from collections.abc import Coroutine

import structlog

from relevo_contracts import OutageError

log = structlog.get_logger()


async def isolated(model: str, work: Coroutine[None, None, None]) -> Exception | None:
    """Do the work; answers what it raised, which is logged unless it is an outage."""
    try:
        await work
    except (OutageError, ConnectionError) as error:
        return OutageError(f"{model}: {error}")
    except Exception as error:  # whatever it is: the other models go on
        log.exception("a bug about a model", model=model)
        return error
    return None
