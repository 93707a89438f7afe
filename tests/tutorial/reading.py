"""What docs/tutorial.md tells a person to type, and what it says will be answered."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

BLOCK = re.compile(
    r'^```(?P<language>\w+) title="(?P<title>[^"]+)"\n(?P<text>.*?)^```$',
    re.MULTILINE | re.DOTALL,
)
TERMINALS = ("first terminal", "second terminal")
ANYTHING = "…"


@dataclass(frozen=True)
class Step:
    """line: of the page. terminal: where it is typed. answer: none is promised if empty."""

    line: int
    terminal: str
    script: str
    answer: str = ""

    def is_answered_by(self, output: str) -> bool:
        """The answer stands somewhere in the output; `…` is whatever comes there."""
        parts = map(re.escape, self.answer.strip().split(ANYTHING))
        return re.search(".*".join(parts), output, re.DOTALL) is not None


def steps(page: str) -> Iterator[Step]:
    """In their order. Raises ValueError for a block that nobody would type or compare."""
    step = None
    for block in BLOCK.finditer(page):
        line = page.count("\n", 0, block.start()) + 1
        match block["language"], block["title"]:
            case "bash", terminal if terminal in TERMINALS:
                if step:
                    yield step
                step = Step(line, terminal, block["text"])
            case "text", "answer" if step and not step.answer:
                step = Step(step.line, step.terminal, step.script, block["text"])
            case language, title:
                raise ValueError(f"line {line}: a block {language} {title!r}")
    if step:
        yield step
