"""What a person may do with a model: roll back, promote, hold, resume."""

from datetime import UTC, datetime

from relevo_contracts.actions import Action, Deed
from relevo_contracts.registry_notes import Held, Moved, Mover
from relevo_operations.errors import OperationError
from relevo_operations.history import History, Person, noted
from relevo_operations.predecessors import predecessor
from relevo_operations.registry import RegisteredModel, Registry, Version

MOVERS: dict[Deed, Mover] = {Deed.ROLLBACK: "rollback", Deed.PROMOTE: "person"}


class Models:
    """The models of a platform in a person's hands.

    Every method answers the action as the history has it. Raises OperationError when
    nothing can be done, and OutageError while MLflow or the history is away.
    """

    def __init__(self, registry: Registry, history: History) -> None:
        self._registry = registry
        self._history = history

    async def only(self) -> str:
        """The name of the only model."""
        names = [model.name for model in await self._registry.models()]
        if len(names) != 1:
            known = f"there are {', '.join(names)}" if names else "MLflow has none yet"
            raise OperationError(f"which model? {known}")
        return names[0]

    async def roll_back(
        self, model: str, person: Person, *, to: str | None = None
    ) -> Action:
        """Put a version back on duty: `to`, or the one that the champion relieved."""
        registered = await self._registered(model)
        if to is None:
            promotions = await self._history.promotions(model)
            to = predecessor(promotions, registered.champion)
        if to is None:
            raise OperationError(
                f"nobody was on duty before version {registered.champion} of {model}, by"
                " the history of promotions: name the version that shall be"
            )
        return await self._move(registered, to, person, Deed.ROLLBACK)

    async def promote(self, model: str, version: str, person: Person) -> Action:
        """Put a version on duty, whatever its verdict was."""
        registered = await self._registered(model)
        return await self._move(registered, version, person, Deed.PROMOTE)

    async def hold(self, model: str, person: Person) -> Action:
        """Have the trainer leave the alias where it is, until somebody resumes."""
        if not person.why:
            raise OperationError(f"{model} is not held without a reason: say why")
        await self._registered(model)
        held = Held(who=person.who, why=person.why, at=datetime.now(UTC))
        async with noted(self._history, person, Deed.HOLD, model) as entry:
            await self._registry.hold(model, held)
            entry.say(f"{model} is held: the trainer does not move its champion")
        return entry.action

    async def resume(self, model: str, person: Person) -> Action:
        """Let the trainer move the alias again."""
        registered = await self._registered(model)
        held = registered.held
        async with noted(self._history, person, Deed.RESUME, model) as entry:
            await self._registry.hold(model, None)
            was = str(held) if held else "not held"
            entry.say(f"the next better version of {model} is promoted again (was {was})")
        return entry.action

    async def _registered(self, model: str) -> RegisteredModel:
        registered = await self._registry.model(model)
        if registered is None:
            names = ", ".join(each.name for each in await self._registry.models())
            raise OperationError(
                f"MLflow has no model {model!r}; there are: {names or 'none yet'}"
            )
        return registered

    async def _servable(self, model: str, version: str) -> Version:
        found = await self._registry.version(model, version) if version.isdigit() else None
        if found is None:
            raise OperationError(
                f"there is no version {version!r} of {model}: MLflow shows those there are"
            )
        if found.bundle_sha256 is None:
            raise OperationError(
                f"version {version} of {model} has no serving bundle (relevo's trainer did"
                " not make it), so no pod could serve it"
            )
        if found.refused:
            raise OperationError(
                f"version {version} of {model} cannot be served: {found.refused}; when that"
                " is mended, remove the version's tag relevo.refused in MLflow"
            )
        return found

    async def _move(
        self, registered: RegisteredModel, to: str, person: Person, what: Deed
    ) -> Action:
        model, before = registered.name, registered.champion
        version = await self._servable(model, to)
        moved = Moved(
            version=to,
            by=MOVERS[what],
            who=person.who,
            why=person.why,
            at=datetime.now(UTC),
        )
        facts = {"from": before, "to": to}
        async with noted(self._history, person, what, model, **facts) as entry:
            if before == to and not version.held_back:
                entry.say(f"version {to} of {model} is on duty already: nothing moved")
            else:
                await self._registry.move(model, moved)
                instead = f" instead of version {before}" if before else ""
                relieved = ", as it was held back" if before == to else instead
                entry.say(f"version {to} of {model} is on duty{relieved}")
        return entry.action
