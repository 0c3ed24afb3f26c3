"""The letters of a case: those that were made, out of the store, as PDF and as small pictures, and a preview."""

import structlog
from flask import Blueprint, Response, abort, make_response

from dunning.actions.letters.preview_letter import preview_letter
from dunning.outside.press.thumbnail import draw_thumbnail
from dunning.outside.storage import Storage, StorageError
from dunning.records import db
from dunning.records.cases import Letter
from dunning.records.queries.cases.case import find_letter
from dunning.running import current_settings
from dunning.web.case.letter_press import press
from dunning.web.request.current import current_desk
from dunning.web.request.scope import current_scope

pages = Blueprint("letters", __name__)
log = structlog.get_logger("dunning.web")


@pages.get("/cases/<int:case_id>/letters/<int:number>.pdf")
def show_letter(case_id: int, number: int) -> Response:
    """The very bytes that were sent; 404 for another vendor's."""
    letter = open_letter(case_id, number)
    return answer_pdf(read_letter(letter), f"{letter.kind}-{case_id}-{number}")


@pages.get("/cases/<int:case_id>/letters/<int:number>.png")
def show_thumbnail(case_id: int, number: int) -> Response:
    """Its first page, small; 404 for another vendor's."""
    picture = make_response(draw_thumbnail(read_letter(open_letter(case_id, number))))
    picture.mimetype = "image/png"
    return picture


@pages.get("/cases/<int:case_id>/letters/preview.pdf")
def show_preview(case_id: int) -> Response:
    """The next letter with today's numbers, marked on every page; 404 when none is next. Nothing is kept."""
    session = db.session()
    letter = preview_letter(session, case_id, current_scope().vendor_id, current_desk())
    session.rollback()  # the press takes its time: no transaction stays open for it
    return answer_pdf(press.render_preview(letter), f"preview-{letter.kind}-{case_id}")


def open_letter(case_id: int, number: int) -> Letter:
    """404 when there is none, or not for this person."""
    letter = find_letter(db.session(), case_id, number, current_scope().vendor_id)
    if letter is None:
        abort(404)
    return letter


def answer_pdf(pdf: bytes, name: str) -> Response:
    """Shown in the browser; `name` is the file's when it is saved."""
    answer = make_response(pdf)
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer


def read_letter(letter: Letter) -> bytes:
    """The stored file, verified by its hash. 404 and an alarm in the log when the store cannot give it."""
    try:
        return Storage(current_settings().storage_url).get(letter.sha256)
    except StorageError as error:
        log.error("letter missing in the store", letter_id=letter.id, exc_info=error)
        abort(404)
