"""May the partner still be asked to cancel a claim it has?"""

IN_COURT, ENDED, ALREADY_ASKED = "in_court", "mandate_ended", "already_asked"
OBSTACLES = (IN_COURT, ENDED, ALREADY_ASKED)
# the partner's legal stages from the court dunning procedure on; a stage we do not know stops nobody
COURT_STAGES = ("judicial_dunning", "foreclosure", "long_term_monitoring")


def find_obstacle(legal_stage: str, *, ended: bool) -> str | None:
    """Why the partner can no longer be asked to cancel: the claim is in court, or the mandate has ended."""
    if ended or legal_stage == "ended":
        return ENDED
    return IN_COURT if legal_stage in COURT_STAGES else None
