"""A bundle is written: a zip whose bytes depend on nothing but its content."""

import io
import zipfile
from collections.abc import Mapping

from relevo_bundles.archive import MANIFEST, is_member_name
from relevo_contracts import Manifest

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip can tell; a real one would change the bundle's hash."""


def write(manifest: Manifest, files: Mapping[str, bytes]) -> bytes:
    """The bundle's bytes: the manifest first, then the files in the order of their names.

    The same content gives the same bytes, and so the same SHA-256.
    Raises ValueError for a file name that a reader would refuse.
    """
    for name in files:
        if name == MANIFEST or not is_member_name(name):
            raise ValueError(f"{name!r} cannot be a file of a bundle")
    members = [(MANIFEST, manifest.model_dump_json(indent=1).encode())]
    members += sorted(files.items())
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in members:
            entry = zipfile.ZipInfo(name, date_time=EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # as on Unix, wherever it is written
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()
