"""A year of duties of every unit of Kunming ends with the same books as the one kept by hand (tests/year). Always the
same year here; `python -m tests.year` lives others, and longer ones."""

from tests.year.run import database, differences, live

SEED = 2026


def test_a_year_ends_with_the_same_books_as_those_kept_by_hand(mongodb_url: str) -> None:
    with database(mongodb_url):
        town, books = live(SEED, cases=12, planned=4)
        found = differences(town, books)
    assert found == [], f"python -m tests.year --cases 12 --planned 4 --seed {SEED}"
    assert len(books.entries) > 200
    assert (books.rerouted > 0, books.moved > 0, len(books.table.edits) > 0) == (True, True, True)
