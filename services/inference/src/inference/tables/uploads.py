"""A file in a form (multipart/form-data), as browsers, curl -F and others send one."""

from http import HTTPStatus
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from inference.tables.formats import Format, format_of_file
from inference.tables.problems import Problem


def read_upload(body: bytes, content_type: str) -> tuple[bytes, Format]:
    """The one file of a form, and what it is.

    Raises Problem: 400 for a form that is broken or has not exactly one file, 415 for a
    file of an unknown form.
    """
    parts = Parts()
    _, options = parse_options_header(content_type)
    try:
        parser = MultipartParser(options.get(b"boundary", b""), parts.callbacks())
        parser.write(body)
        parser.finalize()
    except (FormParserError, ValueError) as error:
        raise _no_file(f"the form cannot be read: {error}") from error
    if len(parts.files) != 1:
        raise _no_file(f"the form has {len(parts.files)} files: one is to be there")
    name, kind, content = parts.files[0]
    if not content.strip():
        raise Problem(HTTPStatus.BAD_REQUEST, "the file is empty", kind="empty-body")
    return bytes(content), format_of_file(name, kind)


def _no_file(detail: str) -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, detail[:300], kind="not-a-form")


class Parts:
    """What the parser tells, kept: the files, each with its name and media type."""

    def __init__(self) -> None:
        self.files: list[tuple[str, str, bytearray]] = []
        self._headers: dict[bytes, bytes] = {}
        self._name = self._value = b""
        self._content: bytearray | None = None

    def callbacks(self) -> Any:
        """For the parser."""
        return {
            "on_part_begin": self._headers.clear,
            "on_header_field": self._on_name,
            "on_header_value": self._on_value,
            "on_header_end": self._on_header,
            "on_headers_finished": self._on_headers,
            "on_part_data": self._on_data,
        }

    def _on_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def _on_headers(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        name = options.get(b"filename")
        self._content = None
        if name is not None:
            kind = self._headers.get(b"content-type", b"").decode("latin-1")
            self._content = bytearray()
            self.files.append((name.decode("utf-8", "replace"), kind, self._content))
            if len(self.files) > 1:
                raise ValueError("it has more than one file")

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._content is not None:
            self._content += data[start:end]
