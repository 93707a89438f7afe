"""A model card, which is Markdown that anybody may have written, becomes safe HTML."""

from markupsafe import Markup

LEVELS_BELOW = 2
"""The page has headings of its own above the card's."""


def as_html(text: str) -> Markup:
    """Markdown without HTML, pictures and styles; links lead only where http does."""
    from markdown_it import MarkdownIt  # 5 MB that a console without cards does not need

    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    tokens = reader.parse(text)
    for token in tokens:
        token.attrs.pop("style", None)
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1:]) + LEVELS_BELOW, 6)}"
    html: str = reader.renderer.render(tokens, reader.options, {})
    return Markup(html)  # noqa: S704
