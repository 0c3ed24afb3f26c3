"""The breaker before the partner: after some failures in a row nobody calls for a while, then one asks for all."""

import datetime as dt

from dunning.fuse import Fuse

PARTNER = "partner"
MOST_FAILURES = 3
PAUSE = dt.timedelta(minutes=5)
# how long the one who asks for all may take, before somebody else does
ASKING = dt.timedelta(minutes=1)

_FUSE = Fuse(PARTNER, MOST_FAILURES, shortest=PAUSE, longest=PAUSE, asking=ASKING)
read_breaker, take_question, is_paused = _FUSE.read_breaker, _FUSE.take_question, _FUSE.is_paused
note_failure, note_success = _FUSE.note_failure, _FUSE.note_success
