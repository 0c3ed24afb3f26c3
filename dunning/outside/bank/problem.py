"""What can be wrong with a bank statement, said with its statement and entry (camt) or its line (MT940)."""

from dataclasses import dataclass

from dunning.outside.tables.problem import Problem, show_value

MESSAGES = {
    "not_xml": "the file ends too early or is not well-formed XML (%(value)s)",
    "document_type": "the file declares a document type (DTD) or entities; such XML is not read",
    "unknown_version": "'%(value)s' is not read; camt.053.001.02 and camt.053.001.08 are",
    "too_large": "the file is larger than %(hint)s MB",
    "entry_too_large": "a part of the file is larger than %(hint)s MB; the rest was not read",
    "no_statement": "the file holds no statement",
    "no_account": "the statement names no account",
    "no_balances": "the statement lacks its opening or closing balance",
    "wrong_balance": "opening balance and entries give %(value)s, the closing balance says %(hint)s",
    "bad_amount": "'%(value)s' is not an amount",
    "bad_date": "'%(value)s' is not a date",
    "bad_sign": "'%(value)s' is neither CRDT nor DBIT",
    "details_sum": "the amounts of the batch give %(value)s, the entry says %(hint)s",
    "details_amount": "the batch does not name the amount of each payment",
    "cut_off": "the statement is not finished: its closing balance (:62F:) is missing",
    "bad_field": "'%(value)s' cannot be read as field %(hint)s",
    "no_entry": "a text for an account holder (:86:) stands without an entry (:61:)",
    "field_too_long": "a field is longer than %(hint)s characters",
    "bad_byte": "'%(value)s' holds bytes that are neither UTF-8 nor CP1252 text",
    "control_character": "'%(value)s' holds a control character",
}


@dataclass(frozen=True, slots=True)
class BankProblem(Problem):
    """`row` is the line of an MT940 file; camt, whose lines say nothing, has statement and entry (from 1)."""

    statement: str = ""
    entry: int | None = None

    @property
    def message(self) -> str:
        return MESSAGES[self.code] % {"value": self.value, "hint": self.hint}

    def __str__(self) -> str:
        places = [f"line {self.row}"] if self.row is not None else []
        if self.statement:
            places.append(f"statement {show_value(self.statement)}")
        if self.entry is not None:
            places.append(f"entry {self.entry}")
        return f"{', '.join(places) or 'file'}: {self.message}"
