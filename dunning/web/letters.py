"""The letters of a case as PDF, out of the store."""

import structlog
from flask import Blueprint, Response, abort, make_response

from dunning.outside.storage import Storage, StorageError
from dunning.records import db
from dunning.records.cases import Letter
from dunning.records.queries.case_file import find_letter
from dunning.web.current import current_person, current_settings

pages = Blueprint("letters", __name__)
log = structlog.get_logger("dunning.web")


@pages.get("/cases/<int:case_id>/letters/<int:number>.pdf")
@pages.get("/admin/cases/<int:case_id>/letters/<int:number>.pdf", endpoint="show_any_letter")
def show_letter(case_id: int, number: int) -> Response:
    """The very bytes that were sent; 404 for another vendor's."""
    letter = find_letter(db.session(), case_id, number, current_person().vendor_id)
    if letter is None:
        abort(404)
    answer = make_response(read_letter(letter))
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{letter.kind}-{case_id}-{number}.pdf"'
    return answer


def read_letter(letter: Letter) -> bytes:
    """The stored file, verified by its hash. 404 and an alarm in the log when the store cannot give it."""
    try:
        return Storage(current_settings().storage_url).get(letter.sha256)
    except StorageError as error:
        log.error("letter missing in the store", letter_id=letter.id, exc_info=error)
        abort(404)
