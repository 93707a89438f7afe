"""Secrets that anybody would guess, and their refusal."""

from urllib.parse import parse_qs, unquote, urlsplit

WEAK_SECRETS = {
    "",
    "admin",
    "changeme",
    "changethis",
    "local-only",  # compose.yaml's default
    "minioadmin",
    "password",
    "postgres",
    "relevo",
    "secret",
}


def refuse_weak(environment: str, name: str, secret: str | None) -> None:
    """Raises ValueError outside of `local` for a secret that anybody would guess.

    None: there is no secret to guess.
    """
    if environment != "local" and secret is not None and secret.lower() in WEAK_SECRETS:
        raise ValueError(f"{name} is a well-known word: set one of your own")


def password_of(url: str) -> str | None:
    """The password in a database URL; None when it is kept elsewhere (as in ~/.pgpass)."""
    parts = urlsplit(url)
    if parts.password is not None:
        return unquote(parts.password)
    return parse_qs(parts.query, keep_blank_values=True).get("password", [None])[-1]
