"""Files of clients that staff gave us, as long as they are needed."""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from telehealth.database import Base, BigId
from telehealth.domain.importing.lines import ClientColumn, ImportStatus, LineOutcome, Matching
from telehealth.models.columns import Id, Instant, Line, PracticeId, PublicId, one_of
from telehealth.models.users import User


class ClientImport(Base):
    """A file of clients. Nothing of it is a client before it is ``RUNNING``, and from ``ends_at`` on it is forgotten.

    ``titles`` are those of its columns, ``columns`` what each holds (``ClientColumn``, empty for what is left out), and
    ``day_first`` how dates are read. ``adds_alike``: lines that look like somebody who is there are added, too.
    """

    __tablename__ = "client_import"

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    user_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))
    file_name: Mapped[Line]
    status: Mapped[ImportStatus] = mapped_column(one_of(ImportStatus), default=ImportStatus.READY, index=True)
    titles: Mapped[list[str]] = mapped_column(JSON)
    columns: Mapped[list[str]] = mapped_column(JSON)
    day_first: Mapped[bool] = mapped_column(default=False)
    adds_alike: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Instant]
    ends_at: Mapped[Instant] = mapped_column(index=True)

    user: Mapped[User | None] = relationship()

    @property
    def matching(self) -> Matching:
        """What the columns hold, as the rules read it."""
        return Matching(tuple(ClientColumn(each) if each else None for each in self.columns), self.day_first)


class ImportLine(Base):
    """A line of such a file, by its place in it. ``outcome`` is what will become of it, or became when ``is_done``;
    ``problem`` says why it is refused. The cells of a line that became a client, or
    whose client was there, are emptied.
    """

    __tablename__ = "import_line"

    import_id: Mapped[int] = mapped_column(BigId, ForeignKey("client_import.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cells: Mapped[list[str]] = mapped_column(JSON)
    outcome: Mapped[LineOutcome] = mapped_column(one_of(LineOutcome))
    problem: Mapped[str] = mapped_column(Text, default="")
    is_done: Mapped[bool] = mapped_column(default=False)
