"""Why a backup or a restore cannot be, in words for a person."""


class KeepingError(Exception):
    """Nothing was changed; says what is wrong, and what to do."""
