"""Tables: typed, with named constraints. Importing this package registers all of them."""

from dunning.records import cases, effects, inbox, journal, orders, partner, people
from dunning.records.database import Base, db, transaction

__all__ = ["Base", "cases", "db", "effects", "inbox", "journal", "orders", "partner", "people", "transaction"]
