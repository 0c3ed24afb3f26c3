"""Before a print file is made: letters that waited too long, or are not true any more, are made anew."""

from dataclasses import replace
from datetime import timedelta

from dunning.actions.course.advance import advance_dossier
from dunning.actions.letters.post_letters import end_effect, note_letter, open_letter
from dunning.desk import Desk
from dunning.records.queries.letters.post import list_waiting
from dunning.records.queries.run_days import find_last_day
from dunning.work import Actor, begin_work


def renew_letters(actor: Actor, desk: Desk) -> int:
    """Supersedes outdated letters and has others made, dated the desk's day; returns how many.

    A transaction for each letter: again is idle. On a day before the last one played nothing is made any more. What
    may not be written now (no address, blocked) is made by the run when it may.
    """
    with begin_work(desk, actor) as work:
        last_day = find_last_day(work.session, desk.horizon)
        found = [] if last_day and desk.today < last_day else list_waiting(work.session, desk.today)
    outdated = [line.letter_id for line in found if line.waiting.outdated(desk.today, desk.policy)]
    actor = replace(actor, form_key=None)  # noted above
    # nobody undoes a print file: its letters need not wait for that
    return sum(_renew_letter(letter_id, actor, replace(desk, delay=timedelta(0))) for letter_id in outdated)


def _renew_letter(letter_id: int, actor: Actor, desk: Desk) -> bool:
    with begin_work(desk, actor) as work:
        dossier, case, letter = open_letter(work, letter_id, desk.today)
        still = list_waiting(work.session, desk.today, letter_id)  # somebody may have posted it meanwhile
        reason = still[0].waiting.outdated(desk.today, desk.policy) if still else ""
        if not reason or not end_effect(work, letter, reason):
            return False
        step = dossier.step(letter.step_id)
        step.state, step.reason = "superseded", reason
        note_letter(work, case, letter, "letter_dropped", letter.on_date)
        advance_dossier(work, dossier)
    return True
