"""What a browser hears: server-sent events whose data is HTML that htmx puts in place."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping

from fastapi.responses import StreamingResponse

from console.live.hub import Board, Hub, T

LOOK_SECONDS = 1.0
"""So often a quiet stream looks whether the service stops, and keeps proxies awake."""

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def parts_stream(board: Board, is_over: Callable[[], bool]) -> StreamingResponse:
    """All parts of a page, then each that changes, in its newest form only."""

    async def chunks() -> AsyncIterator[str]:
        with board.hub.listening() as listener:
            yield message(as_partials(board.parts))
            while not is_over():
                changed: dict[str, str] = {}
                for parts in await listener.take(LOOK_SECONDS):
                    changed |= parts
                yield message(as_partials(changed)) if changed else ": quiet\n\n"

    return answer(chunks())


def items_stream(
    hub: Hub[T],
    wants: Callable[[T], bool],
    show: Callable[[Iterable[T], int], str],
    is_over: Callable[[], bool],
) -> StreamingResponse:
    """Items as they come; `show` is given them and how many were dropped before them."""

    async def chunks() -> AsyncIterator[str]:
        with hub.listening(wants) as listener:
            yield ": open\n\n"
            while not is_over():
                dropped = listener.dropped
                items = await listener.take(LOOK_SECONDS)
                html = show(items, listener.dropped - dropped) if items else ""
                yield message(html) if html else ": quiet\n\n"

    return answer(chunks())


def answer(chunks: AsyncIterator[str]) -> StreamingResponse:
    """The stream as a response that no proxy holds back."""
    return StreamingResponse(chunks, media_type="text/event-stream", headers=HEADERS)


def message(html: str) -> str:
    """One event of the stream: each line of its data with the name of the field."""
    return "".join(f"data: {line}\n" for line in html.splitlines() or [""]) + "\n"


def as_partials(parts: Mapping[str, str]) -> str:
    """Parts by the id of the element that each of them fills."""
    return "".join(
        f'<hx-partial hx-target="#{name}" hx-swap="innerMorph">{html}</hx-partial>'
        for name, html in parts.items()
    )
