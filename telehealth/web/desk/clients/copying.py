"""Everything about one client as a file for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, walltime
from telehealth.domain.words import Role
from telehealth.late import Library
from telehealth.queries.practice.clients import find_client
from telehealth.services.practice.client_records import record_copy
from telehealth.web.acting import by_staff
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.form_reader import FormReader

if TYPE_CHECKING:
    from telehealth.domain import client_copies as writing
    from telehealth.queries.delivery import client_copies
else:
    writing = Library("telehealth.domain.client_copies")
    client_copies = Library("telehealth.queries.delivery.client_copies")


@blueprint.get("/clients/<public_id>/copy")
@access.staff(Role.OWNER, Role.FRONT_DESK)
def clients_copy(public_id: str) -> ResponseReturnValue:
    """What the file holds, and whether what staff wrote goes along. Raises NotFound."""
    return render_template("desk/client_copy.html", client=find_client(current().practice.id, public_id))


@blueprint.post("/clients/<public_id>/copy")
@access.staff(Role.OWNER, Role.FRONT_DESK)
def clients_copy_file(public_id: str) -> ResponseReturnValue:
    """The file, in pieces as it is written. Raises NotFound."""
    practice, now = current().practice, clock.now()
    with_notes = FormReader(request.form).is_ticked("with_notes")
    client = record_copy(
        practice_id=practice.id, client_public_id=public_id, with_notes=with_notes, by=by_staff(), now=now
    )
    sections = client_copies.list_copy_sections(client, with_notes=with_notes)
    title = f"Everything that {practice.name} has about {client.name}"
    pieces = writing.write_client_copy(title, sections, zone=walltime.zone(client.timezone), now=now)
    file = Response(stream_with_context(pieces), mimetype="application/zip")
    file.headers["Content-Disposition"] = f'attachment; filename="client-{now.date()}.zip"'
    return file
