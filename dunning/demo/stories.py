"""What happens to the orders of the demonstration, as data: how old they are, how large, and who does what when."""

from dataclasses import dataclass, field
from typing import Any

from dunning.demo.people import KURS, WERKSTATT

NO_HOUSE = {"house_number": ""}
BAD_POSTCODE = {"house_number": "", "zipcode": "1024", "city": "Görlitz", "country": "DE"}
# ordered by phone: no reminders by mail
BY_PHONE = {"email": ""}
BY_DEBIT = {"payment_method": "sepa", "payment_status": "paid"}


@dataclass(frozen=True)
class Story:
    """Orders that fare alike.

    `ages`: days since the (first) due date, from and to; negative is still to come. `deeds`: a verb of
    `demo.deeds` and its day, counted from the due date, or, when negative, back from today.
    """

    vendor_id: int
    count: int
    ages: tuple[int, int]
    euros: tuple[int, int]
    deeds: tuple[tuple[str, int], ...] = ()
    business: bool = False
    rates: int = 1
    changes: dict[str, Any] = field(default_factory=dict)


# Letters go out on day 10 and 20 after the due date, claims from about day 33 on; by day 42 in any year.
WITHOUT_CASE = (
    Story(KURS, 12, (-20, -1), (20, 900)),
    Story(WERKSTATT, 12, (-20, -1), (20, 900)),
    Story(KURS, 16, (1, 9), (20, 1500)),
    Story(WERKSTATT, 16, (1, 9), (20, 1500)),
    Story(KURS, 24, (12, 60), (20, 1500), (("pay", 3),)),
    Story(WERKSTATT, 24, (12, 60), (20, 1500), (("pay", 8),), changes=BY_PHONE),
    Story(KURS, 4, (3, 40), (30, 300), changes={"payment_method": "credit_card"}),
    Story(KURS, 2, (3, 9), (80, 400), (("dispute", 2),)),
    Story(KURS, 1, (10, 11), (250, 250), (("promise", -2),)),
    Story(KURS, 1, (20, 20), (49, 49), changes={"test_payment": True, "payment_method": "test"}),
    Story(WERKSTATT, 1, (20, 20), (120, 120), changes={"payment_status": "refunded"}),
    Story(WERKSTATT, 1, (20, 20), (120, 120), changes={"payment_status": "cancelled"}),
    Story(
        WERKSTATT, 1, (20, 20), (120, 120), changes={"currency": "CHF", "country": "CH", "zipcode": "8001"}
    ),
)
# automatic over 100 euros, chargebacks by hand
OF_KURS = (
    Story(KURS, 8, (11, 19), (101, 900)),
    Story(KURS, 1, (15, 15), (5000, 5000), business=True),
    Story(KURS, 5, (23, 30), (101, 1900)),
    Story(KURS, 1, (26, 26), (2480, 2480), business=True),
    Story(KURS, 2, (14, 18), (120, 400), changes=BY_PHONE),
    Story(KURS, 3, (43, 52), (5, 98)),
    Story(KURS, 3, (43, 66), (101, 1500)),
    Story(KURS, 1, (52, 58), (101, 1500), (("request_end", -1),)),
    Story(KURS, 1, (48, 55), (101, 1500), (("hold", -3),)),
    Story(KURS, 1, (47, 47), (12345, 12345), business=True),
    Story(KURS, 1, (44, 44), (340, 340), changes={"first_name": "Anna", "last_name": "REJECT-Muster"}),
    Story(KURS, 1, (45, 45), (280, 280), changes={"first_name": "Emre", "last_name": "SLOW-Muster"}),
    Story(KURS, 1, (46, 46), (410, 410), changes={"first_name": "Vera", "last_name": "QUESTION-Muster"}),
    Story(KURS, 5, (12, 40), (101, 800), changes=NO_HOUSE),
    Story(KURS, 3, (12, 40), (101, 800), changes=BAD_POSTCODE),
    Story(KURS, 1, (21, 21), (199, 199), changes={"country": "FR", "zipcode": "67000", "city": "Strasbourg"}),
    Story(KURS, 3, (25, 45), (101, 700), (("cancel", 15),)),
    Story(KURS, 4, (30, 60), (101, 700), (("pay", 14),)),
    Story(KURS, 2, (40, 60), (101, 700), (("pay", 26),)),
    Story(KURS, 2, (25, 40), (101, 400), (("pay_twice", 13),)),
    Story(KURS, 3, (14, 19), (101, 600), (("transfer_unnamed", -2),)),
    Story(KURS, 3, (14, 19), (400, 1490), (("pay_part", 12),)),
    Story(KURS, 4, (20, 45), (40, 600), (("charge_back", -9),), changes=BY_DEBIT),
    Story(KURS, 1, (26, 26), (490, 490), (("dispute", 13),)),
    Story(KURS, 1, (27, 27), (2480, 2480), (("note", 14), ("promise", -3))),
    Story(KURS, 1, (24, 24), (300, 300), (("block", 12),)),
    Story(KURS, 2, (72, 75), (150, 600), (("end_mandate", 68),)),
    Story(KURS, 1, (70, 70), (310, 310), (("terminate_mandate", 64),)),
)
# every order reviewed
OF_WERKSTATT = (
    Story(WERKSTATT, 24, (10, 38), (15, 1900)),
    Story(WERKSTATT, 20, (10, 38), (15, 1900), changes=BY_PHONE),
    Story(WERKSTATT, 4, (10, 38), (500, 9000), business=True),
    Story(WERKSTATT, 6, (11, 30), (80, 900), changes=NO_HOUSE),
    Story(WERKSTATT, 4, (11, 30), (80, 900), changes=BAD_POSTCODE),
    Story(WERKSTATT, 2, (11, 30), (80, 900), changes={"street": "", "house_number": ""}),
    Story(WERKSTATT, 1, (13, 13), (0, 0)),
    Story(WERKSTATT, 5, (14, 22), (80, 900), (("start", 11),)),
    Story(WERKSTATT, 1, (30, 30), (349, 349), (("start", 12), ("note", 13))),
    Story(WERKSTATT, 2, (47, 60), (120, 1900), (("start", 11),)),
    Story(WERKSTATT, 1, (50, 60), (120, 1900), (("start", 11), ("request_end", -2))),
    Story(WERKSTATT, 16, (16, 60), (15, 900), (("cancel", 13),), changes=BY_PHONE),
    Story(WERKSTATT, 20, (20, 75), (15, 900), (("pay", 16),)),
    Story(WERKSTATT, 44, (20, 75), (15, 900), (("pay", 14),), changes=BY_PHONE),
    Story(WERKSTATT, 1, (16, 16), (610, 610), (("block", 12),)),
    Story(WERKSTATT, 2, (25, 40), (60, 300), (("charge_back", -6),), changes=BY_DEBIT),
)
PLANS = (
    Story(KURS, 2, (65, 68), (150, 250), (("pay", 1),), rates=6),
    Story(WERKSTATT, 2, (45, 50), (99, 160), (("pay", 3),), rates=12),
    Story(WERKSTATT, 1, (50, 50), (333, 333), rates=3),
)
STORIES = (*WITHOUT_CASE, *OF_KURS, *OF_WERKSTATT, *PLANS)
