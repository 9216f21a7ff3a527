"""A file of clients, whichever of the two kinds that we read it is."""

from __future__ import annotations

from telehealth.domain.importing.tables import Table, decode_file, read_table
from telehealth.domain.importing.vcards import is_vcard, read_vcards


def read_client_file(data: bytes) -> Table:
    """The lines of a CSV file, or the contacts of a vCard file. Raises InvalidInput."""
    text = decode_file(data)
    return read_vcards(text) if is_vcard(text) else read_table(text)
