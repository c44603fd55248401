"""What could not be read again is never written."""

import msgspec
import pytest

from infra.struct_field import StructField


class Word(msgspec.Struct, frozen=True):
    """A value."""

    text: str
    times: int = 0


def test_a_value_comes_back_as_it_was_stored() -> None:
    field = StructField(list[Word])
    assert field.to_mongo([Word("a", 2)]) == [{"text": "a", "times": 2}]
    assert field.to_python([{"text": "a", "times": 2}]) == [Word("a", 2)]
    assert field.to_mongo(None) is None


def test_a_struct_that_holds_what_its_type_does_not_allow_is_not_stored() -> None:
    with pytest.raises(msgspec.ValidationError, match="Expected `str`, got `null`"):
        StructField(list[Word]).to_mongo([Word(None)])  # type: ignore[arg-type]
