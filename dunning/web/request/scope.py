"""What the reader may see and where: a vendor its own cases, staff those of all vendors under /admin."""

from dataclasses import dataclass

from flask import Flask
from werkzeug.local import LocalProxy

from dunning.actions.dossier.dossier import Dossier, read_dossiers
from dunning.actions.dossier.refusals import NotFound
from dunning.links import STAFF_LINKS, VENDOR_LINKS, Links
from dunning.records import db
from dunning.records.queries.cases.case import find_receivable
from dunning.web.request.current import current_person


@dataclass(frozen=True)
class Scope:
    """`vendor_id` None is all vendors', which only staff have: the table of users says so."""

    vendor_id: int | None

    @property
    def staff(self) -> bool:
        return self.vendor_id is None

    @property
    def links(self) -> Links:
        """Where this reader's pages are."""
        return STAFF_LINKS if self.staff else VENDOR_LINKS


def add_links(app: Flask) -> None:
    """Gives templates `links`, the reader's own."""
    app.jinja_env.globals.update(links=LocalProxy(lambda: current_scope().links))


def current_scope() -> Scope:
    """The scope of whoever is logged in."""
    return Scope(current_person().vendor_id)


def find_dossier(case_id: int) -> Dossier:
    """Everything on a case the reader may see. NotFound for another vendor's."""
    session = db.session()
    receivable_id = find_receivable(session, case_id, current_scope().vendor_id)
    dossiers = read_dossiers(session, [receivable_id]) if receivable_id else []
    if not dossiers:
        raise NotFound(case_id)
    return dossiers[0]
