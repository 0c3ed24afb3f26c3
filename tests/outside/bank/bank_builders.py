"""Writes bank statements: `write_camt(a_booking("10.00"), …)` and `write_mt940(a_line("C", "10,00"), …)`."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from dunning.desk import BERLIN
from dunning.outside.bank.entry import BankEntry
from dunning.outside.bank.payment_file import PaymentFile, open_payments
from dunning.outside.tables.problem import Problem

VECTORS = Path(__file__).parents[2] / "data/vectors"
IBAN = "DE89370400440532013000"
V2, V8 = "camt.053.001.02", "camt.053.001.08"


def a_booking(
    amount: str = "100.00",
    text: str | list[str] = "",
    *,
    sign: str = "CRDT",
    reference: str = "B-1",
    name: str = "Anna Muster",
    status: str = "BOOK",
    version: str = V8,
    extra: str = "",
    details: list[str] | None = None,
    currency: str = "EUR",
    day: str = "2026-01-20",
) -> str:
    """An `Ntry`; `details` replaces its one transaction, `extra` stands behind the sign."""
    state = f"<Cd>{status}</Cd>" if version == V8 else status
    parts = [a_transaction("", text, name=name, version=version)] if details is None else details
    return (
        f"<Ntry><NtryRef>1</NtryRef><Amt Ccy='{currency}'>{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>{extra}"
        f"<Sts>{state}</Sts><BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>"
        f"<AcctSvcrRef>{reference}</AcctSvcrRef><NtryDtls>{''.join(parts)}</NtryDtls></Ntry>"
    )


def a_transaction(
    amount: str = "",
    text: str | list[str] = "",
    *,
    name: str = "Anna Muster",
    version: str = V8,
    before: str = "",
    after: str = "",
) -> str:
    """A `TxDtls`; without an amount that of its entry counts."""
    lines = [text] if isinstance(text, str) else text
    given = f"<Amt Ccy='EUR'>{amount}</Amt>"
    money = given if version == V8 else f"<AmtDtls><TxAmt>{given}</TxAmt></AmtDtls>"
    party = f"<Pty><Nm>{name}</Nm></Pty>" if version == V8 else f"<Nm>{name}</Nm>"
    remittance = "".join(f"<Ustrd>{line}</Ustrd>" for line in lines)
    return (
        f"<TxDtls>{before}{money if amount else ''}<RltdPties><Dbtr>{party}</Dbtr></RltdPties>"
        f"<RmtInf>{remittance}</RmtInf>{after}</TxDtls>"
    )


def a_balance(code: str, amount: str) -> str:
    """A `Bal`; a negative amount is a debit."""
    sign = "DBIT" if amount.startswith("-") else "CRDT"
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{amount.lstrip('-')}</Amt>"
        f"<CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>2026-01-20</Dt></Dt></Bal>"
    )


def a_statement(*bookings: str, total: str = "100.00", name: str = "S-1", opening: str = "0.00") -> str:
    """A `Stmt` whose closing balance is the opening one plus `total`."""
    closing = str(Decimal(opening) + Decimal(total))
    return (
        f"<Stmt><Id>{name}</Id><Acct><Id><IBAN>{IBAN}</IBAN></Id></Acct>"
        f"{a_balance('PRCD', opening)}{a_balance('CLBD', closing)}{''.join(bookings)}</Stmt>"
    )


def a_camt(*statements: str, version: str = V8, before: str = "") -> bytes:
    """A whole file."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{version}"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>M</MsgId></GrpHdr>{''.join(statements)}</BkToCstmrStmt></Document>"
    ).encode()


def write_camt(folder: Path, *bookings: str, total: str = "100.00", version: str = V8) -> Path:
    """A file with one statement."""
    return write_file(folder, a_camt(a_statement(*bookings, total=total), version=version), "statement.xml")


def a_line(mark: str, amount: str, text: str = "", *, bank: str = "B-1", rest: str = "") -> str:
    """A `:61:` and its `:86:`; `text` is written as it is given."""
    booked = f":61:2601200120{mark}{amount}NTRFNONREF//{bank}{rest and chr(10) + rest}\n"
    return booked + (f":86:{text}\n" if text else "")


def write_mt940(
    folder: Path, *lines: str, closing: str = "C260120EUR100,00", encoding: str = "utf-8", end: str = "-\n"
) -> Path:
    """A file with one statement, opening at zero."""
    head = ":20:STARTUMS\n:25:37040044/0532013000\n:28C:00020/001\n:60F:C260119EUR0,00\n"
    tail = f":62F:{closing}\n" if closing else ""
    return write_file(folder, f"{head}{''.join(lines)}{tail}{end}".encode(encoding), "statement.sta")


def write_file(folder: Path, content: bytes, name: str) -> Path:
    """The file in the folder."""
    path = folder / name
    path.write_bytes(content)
    return path


def open_file(path: Path) -> PaymentFile:
    """As the command opens it."""
    return open_payments(path, BERLIN)


def read_all(path: Path) -> tuple[list[BankEntry], list[str]]:
    """The payments of a file and its problems as they are printed."""
    rows = list(open_file(path).rows)
    problems = [str(row) for row in rows if isinstance(row, Problem)]
    return [row for row in rows if isinstance(row, BankEntry)], problems


def good(path: Path) -> list[BankEntry]:
    """The payments of a file without problems."""
    return [entry for entry in whole(path) if not entry.left_out]


def whole(path: Path) -> list[BankEntry]:
    """All entries of a file without problems."""
    entries, problems = read_all(path)
    assert problems == []
    return entries


def left_out(path: Path) -> dict[str, int]:
    """How many entries of a file are no payment, by reason."""
    return dict(Counter(entry.left_out for entry in whole(path) if entry.left_out))


def amounts(payments: Iterable[BankEntry]) -> list[int]:
    return [payment.amount_cents for payment in payments]
