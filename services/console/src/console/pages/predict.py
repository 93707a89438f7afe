"""The page `Predict`: a form out of what a model takes, and the answers to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Header, HTTPException, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import JsonValue
from starlette.requests import Request

from console.asking.answers import Shown, errors_of, shown
from console.asking.fields import fields_of, lacking
from console.asking.pods import Model, Pods, Silence, facts
from console.live.stream import as_partials
from console.pages.guards import Guard
from console.pages.shell import Shell

PREFIX = "field."
BEFORE = "before"

Example = Annotated[str, Query(max_length=200)]
ByScript = Annotated[str | None, Header(alias="HX-Request")]


@dataclass(frozen=True)
class Asked:
    """A row that was sent, and what came of it: an answer, or errors by field.

    before: the version that answered last on this page; "" before the first answer.
    """

    row: Mapping[str, JsonValue]
    before: str = ""
    answer: Shown | None = None
    errors: Mapping[str, str] | None = None
    trouble: str | None = None


NOTHING = Asked({})


def routes(shell: Shell, pods: Pods, guard: Guard) -> APIRouter:
    """The page and its form."""
    router = APIRouter()

    def page(
        request: Request,
        name: str,
        model: Model | None,
        *,
        names: Sequence[str] = (),
        asked: Asked = NOTHING,
        reason: str | None = None,
        status: int = 200,
    ) -> Response:
        return guard.page(
            shell,
            request,
            "predict.html",
            key="predict",
            status=status,
            name=name,
            names=names or [name],
            model=model,
            asked=asked,
            reason=reason,
            **form_of(model, asked),
        )

    @router.get("/predict", response_class=HTMLResponse)
    async def default(request: Request) -> Response:
        try:
            names = await pods.names()
        except Silence as silence:
            return page(request, "", None, reason=str(silence), status=503)
        path = f"{request.scope['root_path']}/predict/{quote(names[0], safe='')}"
        return RedirectResponse(path, 303)

    @router.get("/predict/{name}", response_class=HTMLResponse)
    async def predict(
        request: Request, name: str, example: Example = "", by_script: ByScript = None
    ) -> Response:
        names = [name]
        try:
            names = await pods.names()
            model, _ = await pods.model(name)
        except Silence as silence:
            return page(request, name, None, names=names, reason=str(silence), status=503)
        asked = Asked(model.examples.get(example, {}))
        if by_script:
            form = shell.part("predict/fields.html", **form_of(model, asked))
            return HTMLResponse(as_partials({"fields": form}))
        return page(request, name, model, names=names, asked=asked)

    @router.post("/predict/{name}", response_class=HTMLResponse)
    async def ask(request: Request, name: str, by_script: ByScript = None) -> Response:
        try:
            sent = await guard.form(request)
        except HTTPException as refusal:
            model, asked = None, Asked({}, trouble=str(refusal.detail))
        else:
            model, asked = await ask_pods(pods, name, sent)
        if by_script:
            return HTMLResponse(partials(shell, model, asked))
        return page(request, name, model, asked=asked, reason=asked.trouble)

    return router


async def ask_pods(
    pods: Pods, name: str, sent: Mapping[str, str]
) -> tuple[Model | None, Asked]:
    """What a pod says to a form, and what it tells of its model.

    All goes out as text: a pod reads a value the same wherever it comes from.
    """
    row = {k.removeprefix(PREFIX): v for k, v in sent.items() if k.startswith(PREFIX)}
    before = sent.get(BEFORE, "")
    model = None
    try:
        answer, url = await pods.predict(name, row)
        model, _ = await pods.model(name, at=url)
        said = facts(answer)
        if answer.status_code == HTTPStatus.OK:
            return model, Asked(row, before, shown(said, model, before))
        return model, Asked(row, before, errors=errors_of(said))
    except Silence as silence:
        return model, Asked(row, before, trouble=str(silence))
    except KeyError as error:
        trouble = f"{url} answers something else than a prediction: {error} is missing"
        return model, Asked(row, before, trouble=trouble)


def form_of(model: Model | None, asked: Asked) -> dict[str, object]:
    """What the fields' template needs."""
    if model is None:
        return {"fields": [], "others": []}
    errors = asked.errors or {}
    fields = fields_of(model.features, asked.row, errors)
    return {"fields": fields, "others": lacking(model.features, errors)}


def partials(shell: Shell, model: Model | None, asked: Asked) -> str:
    """The parts of the page that an answer changes; a form that nobody read stays."""
    parts = {"answer": shell.part("predict/answer.html", asked=asked, model=model)}
    if model is not None:
        parts["fields"] = shell.part("predict/fields.html", **form_of(model, asked))
    html = as_partials(parts)
    if asked.answer is None:
        return html
    line = shell.part("predict/last.html", answer=asked.answer, row=asked.row)
    return html + (
        f'<hx-partial hx-target="#last" hx-swap="afterbegin">{line}</hx-partial>'
    )
