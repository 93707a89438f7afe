"""The datasets that a platform is asked to run: known, and with rows, or it says no."""

from relevo.addresses import names_in
from relevo.errors import CommandError
from relevo_local.places.addresses import DEFAULT_DATASETS
from relevo_local.settings import own_declarations


def chosen(text: str) -> tuple[str, ...]:
    """ "a,b" as names, each once.

    Raises CommandError for an unknown one, with those there are, for a declaration that
    cannot be understood, and for one whose rows are not where it says.
    """
    names = names_in(text)
    if not names:
        raise CommandError("--dataset names no dataset", code=2)
    if names == DEFAULT_DATASETS and own_declarations() is None:
        return names  # known without a look, which would bring pandas and a second's wait
    for name in names:
        check(name)
    return names


def check(name: str) -> None:
    """Raises CommandError where this dataset cannot be run."""
    from relevo_datasets import DeclarationError, dataset_named

    try:
        rows = dataset_named(name).source.path
    except KeyError as error:
        raise CommandError(f"{error.args[0]}", code=2) from error
    except DeclarationError as error:
        raise CommandError(str(error), code=2) from error
    if rows is not None and not rows.exists():
        raise CommandError(f"{name}: its declaration names {rows}, which is not there")
