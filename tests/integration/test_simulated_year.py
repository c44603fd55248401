"""A year of duties of every unit of Kunming ends with the same books as the one kept by hand (tests/year)."""

import random

from tests.year.run import database, differences, live


def test_a_year_ends_with_the_same_books_as_those_kept_by_hand(mongodb_url: str) -> None:
    seed = random.randrange(10**6)
    with database(mongodb_url):
        town, books = live(seed, cases=20, planned=4)
        found = differences(town, books)
    assert found == [], f"python -m tests.year --cases 20 --planned 4 --seed {seed}"
    assert len(books.entries) > 200
