"""A stranger's table: subscribers of a service, and whether they left."""

import csv
import math
import random
from pathlib import Path

ROWS = 1_200
PLANS = ("basic", "family", "student")


def write_table(path: Path) -> Path:
    """A CSV with numbers, words, flags, an id, a word for missing, and a target."""
    chance = random.Random(11)  # noqa: S311
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["subscriber", "months", "plan", "fee", "calls", "mail", "left"])
        for number in range(ROWS):
            months, plan = chance.randint(1, 72), chance.choice(PLANS)
            fee = round(chance.uniform(5, 60), 2)
            calls = chance.choice([*range(12), "NA"])
            mail = chance.choice(["Yes", "No"])
            tired = fee / 12 - months / 20 + (2 if plan == "basic" else 0) - 1.5
            tired += 0.3 * calls if isinstance(calls, int) else 1
            left = chance.random() < 1 / (1 + math.exp(-tired))
            row = [10_000 + number, months, plan, fee, calls, mail, "Yes" if left else "No"]
            writer.writerow(row)
    return path
