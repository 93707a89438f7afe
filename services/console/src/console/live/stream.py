"""What a browser hears: server-sent events whose data is HTML that htmx puts in place."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping

from fastapi.responses import StreamingResponse

from console.live.hub import Board, Hub, T

LOOK_SECONDS = 1.0
"""So often a quiet stream looks whether the service stops."""

BEAT = "event: beat\ndata:\n\n"
"""Of a quiet stream: pages tell silence from a lost connection, proxies stay awake."""

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def parts_stream(
    board: Board, draw: Callable[[], Mapping[str, str]], is_over: Callable[[], bool]
) -> StreamingResponse:
    """All parts of a page, then each that changes, in its newest form only.

    draw: the parts as they are now; a board that nobody looked at is behind.
    """

    async def chunks() -> AsyncIterator[str]:
        with board.hub.listening() as listener:
            board.show(draw())
            yield message(as_partials(board.parts))
            while not is_over():
                changed: dict[str, str] = {}
                for parts in await listener.take(LOOK_SECONDS):
                    changed |= parts
                yield message(as_partials(changed)) if changed else BEAT

    return answer(chunks())


def items_stream(
    hub: Hub[T],
    wants: Callable[[T], bool],
    show: Callable[[Iterable[T]], str],
    show_all: Callable[[int], str],
    is_over: Callable[[], bool],
) -> StreamingResponse:
    """The whole list, then items as they come.

    A browser comes back after a break, whose items it has missed: so the list is told
    first, and again when items were dropped; `show_all` is given how many.
    """

    async def chunks() -> AsyncIterator[str]:
        with hub.listening(wants) as listener:
            yield message(show_all(0))
            dropped = 0
            while not is_over():
                items = await listener.take(LOOK_SECONDS)
                lost, dropped = listener.dropped - dropped, listener.dropped
                if lost:
                    yield message(show_all(lost))
                else:
                    yield message(show(items)) if items else BEAT

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
