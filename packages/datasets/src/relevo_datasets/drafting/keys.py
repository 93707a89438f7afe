"""Which columns tell rows apart, and of whom they are; guessed by values and names."""

import re
from collections.abc import Iterable

from relevo_datasets.drafting.profiling import Profile

FEWEST_ROWS = 20
FEWEST_GROUPS = 20
ID_NAME = re.compile(
    r"(?i:(.*[_\s.-])?(id|nr|nbr|no|key|index|uuid|guid|number))|.*[a-z]I[Dd]"
)
WHO = (
    *("patient", "customer", "client", "user", "person", "member", "subject", "student"),
    *("household", "account", "driver", "employee", "device", "machine", "donor", "animal"),
)
GROUP_NAME = re.compile(rf"(?i)({'|'.join(WHO)})[_\s.-]?(id|nr|nbr|no|key|number)?")


def row_id(profiles: Iterable[Profile]) -> str | None:
    """The column that tells rows apart: all different, and named or counted like an id."""
    for place, each in enumerate(profiles):
        if not is_key(each):
            continue
        is_number = each.is_number and each.is_whole
        counts_up = is_number and each.maximum - each.minimum + 1 == each.rows
        if ID_NAME.fullmatch(each.name) or counts_up or (is_number and place == 0):
            return each.name
    return None


def group(profiles: Iterable[Profile]) -> str | None:
    """The column that says of whom rows are, when there are several of one."""
    for each in profiles:
        is_many = not each.has_all_words or len(each.words) >= FEWEST_GROUPS
        if GROUP_NAME.fullmatch(each.name) and is_many and not each.is_unique:
            return each.name
    return None


def is_key(profile: Profile) -> bool:
    """Whether the column has another value in every row."""
    is_full = profile.present == profile.rows >= FEWEST_ROWS
    return bool(profile.name.strip()) and profile.is_unique and is_full
