"""Buyers that nobody can mistake for people: first names as they come, last names that say "example"."""

from random import Random

FIRST_NAMES = (
    "Anna", "Ayşe", "Björn", "Çiğdem", "Dörte", "Elif", "Emre", "Françoise", "Gökhan", "Grażyna", "Håkon",
    "İpek", "Jürgen", "Kübra", "Łukasz", "Małgorzata", "Mehmet", "Nüket", "Øyvind", "Paweł", "Renée",
    "Sönke", "Şükrü", "Tomáš", "Uğur", "Věra", "Wiebke", "Zoë", "Željka", "Agnieszka",
)  # fmt: skip
# "sample", "trial", "exercise", "template" in German, Turkish, Polish, Czech, French, Danish
LAST_NAMES = (
    "Beispiel", "Muster", "Mustermann", "Musterfrau", "Probe", "Übung", "Übungsmann", "Örnek", "Örnekoğlu",
    "Deneme", "Şablon", "Przykład", "Przykładowska", "Wzór-Próbna", "Ćwiczenie", "Příklad", "Vzorová",
    "Exemple", "Eksempel", "Mustermüller", "Probst-Übung", "Groß-Muster",
)  # fmt: skip
LONG_NAMES = (
    ("Maximilian-Alexander", "Freiherr von und zu Musterhausen-Beispielburg"),
    ("Żaneta-Małgorzata", "Przykładowska-Wzorcowiczówna"),
    ("Ayşegül", "Örnekoğlu-Denemecioğlu"),
)
COMPANIES = (
    "Muster & Söhne Medizintechnik Handelsgesellschaft mbH",
    "Beispiel Bau GmbH & Co. KG",
    "Probe AG",
    "Übungsfirma e. K.",
    "Örnek Gıda Muster GmbH",
    "Przykład Sp. z o.o. Niederlassung Beispiel",
)
STREETS = (
    "Musterstraße",
    "Beispielweg",
    "Probeallee",
    "Am Übungsplatz",
    "Große Mustergasse",
    "Straße der Beispiele",
    "Vorlagenring",
    "An der alten Probenmühle",
)
PLACES = (
    ("10115", "Berlin", "DE"),
    ("20457", "Hamburg", "DE"),
    ("80539", "München", "DE"),
    ("50825", "Köln", "DE"),
    ("04109", "Leipzig", "DE"),
    ("68159", "Mannheim", "DE"),
    ("45127", "Essen", "DE"),
    ("02826", "Görlitz", "DE"),
    ("24103", "Kiel", "DE"),
    ("99084", "Erfurt", "DE"),
    ("97070", "Würzburg", "DE"),
    ("66111", "Saarbrücken", "DE"),
    ("1010", "Wien", "AT"),
    ("5020", "Salzburg", "AT"),
    ("8001", "Zürich", "CH"),
)
DETAILS = ("", "", "", "", "", "Hinterhaus", "c/o Muster", "3. OG links")


def invent_buyer(chance: Random, number: int, *, business: bool) -> dict[str, str]:
    """The buyer's columns of an orders file, complete and correct."""
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    if number % 29 == 0:
        first, last = LONG_NAMES[number // 29 % len(LONG_NAMES)]
    zipcode, city, country = chance.choice(PLACES)
    return {
        "buyer_id": f"B{number:05}",
        "first_name": first,
        "last_name": last,
        "company": chance.choice(COMPANIES) if business else "",
        "email": f"buyer{number}@buyers.example",
        "phone": f"030 23125 {number % 1000:03}",  # the range kept free for films and plays
        "street": chance.choice(STREETS),
        "house_number": f"{chance.randint(1, 180)}{chance.choice(('', '', '', 'a', 'b'))}",
        "details": chance.choice(DETAILS),
        "zipcode": zipcode,
        "city": city,
        "country": country,
    }
