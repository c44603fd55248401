"""The form of a channel's items is what its parser reads."""

import pytest

from services.complaints.channel_form import form_of
from services.complaints.channels import known_channels


def test_the_form_of_12345() -> None:
    form = form_of(known_channels()["hotline_12345"])

    assert (form.number, form.required) == ("工单编号", ["工单编号", "诉求内容"])
    assert set(form.moments) >= {"事发时间"}
    assert {"号码", "来电人", "坐标", "办理期限"} <= set(form.fields)


@pytest.mark.parametrize("channel", known_channels().values(), ids=list(known_channels()))
def test_every_channel_has_a_number_that_is_required_and_a_sample_of_its_fields(channel) -> None:  # type: ignore[no-untyped-def]
    form = form_of(channel)

    assert form.number in form.required
    assert set(form.required) | set(form.moments) | set(form.sample) <= set(form.fields)
    assert form.moments
