"""The vocabulary: every word that is stored as a kind, a state, a status, a verb or a source, once, as a type.

`Literal` and not `StrEnum`: rows, payloads and frozen letters give back plain strings, which are these types as they
are; members of an enum would have to be made of them at every reading and unmade for SQL, JSON and templates. mypy
sees a word that is not in its list, and the constraints of the tables are made from the lists. A column can be compared
with anything, as far as mypy knows: there tests/test_terms.py looks the words up.
"""

from typing import Final, Literal, get_args

# --- Entries of the ledger ---

# money coming or going; all others are the claim's own
MoneyKind = Literal["payment", "chargeback", "refund", "reversal"]
FeeKind = Literal["fee", "lump_sum", "return_fee"]
EntryKind = Literal["principal", MoneyKind, FeeKind, "interest", "remainder_forgiven"]
# the kind whose sum an entry changes; "payout" is money that a refund has paid out
Subject = Literal[EntryKind, "payout"]
# where a payment was heard of; what caused an entry
PaymentSource = Literal["csv", "camt", "mt940", "ipn", "support", "partner"]
_OurSource = Literal["order", "letter", "handover", "allocation", "remainder", "settlement", "correction"]
EntrySource = Literal[PaymentSource, _OurSource]

# why an entry of a bank's file is no payment of a buyer
LeftOut = Literal["outgoing", "debit_reversed", "not_booked", "no_amount", "unreadable"]
LEFT_OUT: tuple[LeftOut, ...] = get_args(LeftOut)

# of payments and entries that the partner reported to us: never reported back
PARTNER_SOURCE: Final = "partner"

MONEY_KINDS: tuple[MoneyKind, ...] = get_args(MoneyKind)
FEE_KINDS: tuple[FeeKind, ...] = get_args(FeeKind)
ENTRY_KINDS: tuple[EntryKind, ...] = get_args(EntryKind)

# --- Steps of a receivable, in their order ---

StageOneKind = Literal["upcoming_reminder", "service_call", "payment_reminder"]
StageTwoKind = Literal["first_letter", "first_call", "second_letter", "second_call", "handover"]
StepKind = Literal[StageOneKind, StageTwoKind]
LetterKind = Literal["first_letter", "second_letter"]
# what a receivable waits for; "" is a day to look at it without a step
NextStep = Literal["", StepKind]
StepState = Literal["planned", "done", "skipped", "lapsed", "superseded", "in_doubt"]

UPCOMING_REMINDER: Final = "upcoming_reminder"
SERVICE_CALL: Final = "service_call"
PAYMENT_REMINDER: Final = "payment_reminder"
FIRST_LETTER: Final = "first_letter"
FIRST_CALL: Final = "first_call"
SECOND_LETTER: Final = "second_letter"
SECOND_CALL: Final = "second_call"
HANDOVER: Final = "handover"

STEP_STATES: tuple[StepState, ...] = get_args(StepState)
STEP_KINDS: tuple[StepKind, ...] = get_args(StepKind)
STAGE_ONE: tuple[StageOneKind, ...] = get_args(StageOneKind)
LETTERS: tuple[LetterKind, ...] = get_args(LetterKind)
REMINDERS: tuple[StepKind, ...] = (UPCOMING_REMINDER, PAYMENT_REMINDER)
CALLS: tuple[StepKind, ...] = (SERVICE_CALL, FIRST_CALL, SECOND_CALL)

# --- What leaves the house; `effect_states` has the changes between the states ---

# what the partner is told of a claim it has
MessageKind = Literal[
    "partner_hold", "partner_cancel", "partner_payment", "partner_dispute", "partner_answer"
]
# mails to a vendor or a user, about no receivable
NoticeKind = Literal[
    "handover_digest", "password_reset", "portal_invitation", "portal_reset", "hold_reminder"
]
EffectKind = Literal[StepKind, MessageKind, NoticeKind]
EffectState = Literal["due", "taken", "sending", "retry_wait", "done", "failed", "in_doubt", "superseded"]

MESSAGE_KINDS: tuple[MessageKind, ...] = get_args(MessageKind)
NOTICES: tuple[NoticeKind, ...] = get_args(NoticeKind)
EFFECT_STATES: tuple[EffectState, ...] = get_args(EffectState)

# --- Cases; `statuses` has the changes between their statuses ---

_GoingOn = Literal["awaiting_approval", "running", "ready_for_handover", "handed_over", "blocked"]
CaseStatus = Literal[_GoingOn, "paid", "failed", "cancelled", "closed"]
# look-ups call an unpaid receivable without a case overdue
Status = Literal["overdue", CaseStatus]
Consent = Literal["none", "automatic", "start"]

CONSENTS: tuple[Consent, ...] = get_args(Consent)

# --- What comes in, and what is asked of the partner ---

# waiting: its sale is not known yet; it is looked at again with every event of its order
Outcome = Literal["applied", "ignored", "waiting"]
InboxState = Literal["new", Outcome]
DeliveryState = Literal["new", "applied", "ignored"]
# the partner's fields whose changes are news
StateField = Literal["legal_stage", "processing_state", "payment_state"]
_MoneyNews = Literal["payment", "rest", "payment_returned", "payment_larger", "other_currency"]
NewsKind = Literal["update", "question", StateField, _MoneyNews]
# waiting: for support; sent: approved, on its way or at the partner; confirmed: the mandate is cancelled
RequestState = Literal["waiting", "sent", "confirmed", "declined"]

INBOX_STATES: tuple[InboxState, ...] = get_args(InboxState)
DELIVERY_STATES: tuple[DeliveryState, ...] = get_args(DeliveryState)
REQUEST_STATES: tuple[RequestState, ...] = get_args(RequestState)
OPEN_REQUESTS: tuple[RequestState, ...] = ("waiting", "sent")

# --- Who did what ---

Side = Literal["system", "vendor", "support"]
UserRole = Literal["vendor", "support", "admin"]
Role = Literal["system", UserRole]

USER_ROLES: tuple[UserRole, ...] = get_args(UserRole)

_MoveVerb = Literal["open", "start", "undo_start", "cancel", "reopen", "block", "unblock"]
_CourseVerb = Literal["await_consent", "accept_claim", "fail", "pay", "charge_back", "end_mandate"]
# the changes of a case's status; then what else its history tells
ChangeVerb = Literal[_MoveVerb, _CourseVerb, "reverse_payment"]
_MoneyVerb = Literal["take_back", "book_payment", "assign_payment", "dismiss_payment"]
_MailVerb = Literal["mail_bounced", "confirm_mail", "repeat_mail", "undo_repeat"]
_LetterVerb = Literal["letter_sent", "letter_posted", "letter_undeliverable", "letter_dropped"]
_BuyerVerb = Literal["dispute", "resolve_dispute", "promise", "correct_address"]
_AskingVerb = Literal["request_cancellation", "approve_cancellation", "decline_cancellation"]
_AnsweredVerb = Literal["confirm_cancellation", "refuse_cancellation", "drop_cancellation", "late_acceptance"]
_PartnerVerb = Literal["hand_over", "hold", "end_hold", "answer_question", "answer_refused"]
_VendorVerb = Literal["change_settings", "make_vip", "end_vip", "portal_reset"]
_CaseVerb = Literal[_MoneyVerb, _MailVerb, _LetterVerb, _BuyerVerb, _AskingVerb, _AnsweredVerb, _PartnerVerb]
Verb = Literal[ChangeVerb, _CaseVerb, _VendorVerb, "note", "run_failed"]
# what can be refused: also a form that stands for one of several verbs
Asked = Literal[Verb, "undo", "move"]
