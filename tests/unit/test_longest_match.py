"""Terms are found longest first, from left to right, without overlap."""

from hypothesis import given
from hypothesis import strategies as st

from infra.longest_match import TermTable


def test_the_longest_term_wins_and_matches_do_not_overlap() -> None:
    table = TermTable(["农民工", "农民工工资", "工资", "资金"])

    assert list(table.scan("拖欠农民工工资金额")) == [("农民工工资", 2)]
    assert list(table.scan("农民工的工资金")) == [("农民工", 0), ("工资", 4)]


def test_a_term_at_the_very_end_is_found() -> None:
    assert list(TermTable(["路灯"]).scan("修路灯")) == [("路灯", 1)]


def test_terms_of_one_character_are_never_found() -> None:
    assert list(TermTable(["灯", ""]).scan("灯灯灯")) == []


def by_trying_all(terms: set[str], text: str) -> list[tuple[str, int]]:
    found, position = [], 0
    while position < len(text):
        fitting = [term for term in terms if len(term) > 1 and text.startswith(term, position)]
        if fitting:
            found.append((max(fitting, key=len), position))
            position += len(found[-1][0])
        else:
            position += 1
    return found


words = st.text("甲乙丙", max_size=4)


@given(st.sets(words, max_size=8), st.text("甲乙丙", max_size=30))
def test_it_agrees_with_trying_every_term_at_every_position(terms: set[str], text: str) -> None:
    assert list(TermTable(terms).scan(text)) == by_trying_all(terms, text)
