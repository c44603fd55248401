"""巡访: what the resident patrols (老领导蹲点督导组, 市民文明巡访团) saw in streets and communities."""

from typing import Any

from services.complaints.authentication import HMAC_SHA256
from services.complaints.contracts import Channel
from services.complaints.field_reading import Item, identifier
from services.complaints.found_on_site import Words, found_on_site
from services.complaints.work_order import WorkOrder

CHANNEL = Channel.PATROL
AUTHENTICATION = HMAC_SHA256

WORDS = Words(
    said="发现问题",
    at="巡访时间",
    spot="巡访地点",
    category="问题类别",
    places=("巡访地点", "社区", "街道", "区县"),
    facts=("巡访团队", "巡访路线", "意见建议"),
    personal=("巡访员", "联系电话"),
)

SAMPLE: dict[str, Any] = {
    "巡访编号": "XF2026030200018",
    "巡访团队": "市民文明巡访团五华分团",
    "巡访路线": "翠湖片区",
    "巡访时间": "2026-03-02 15:05",
    "巡访地点": "五华区华山街道翠湖东路公交站",
    "街道": "华山街道",
    "区县": "五华区",
    "问题类别": "非机动车乱停放",
    "发现问题": "翠湖东路公交站旁共享单车乱停放，堵住盲道约二十米。",
    "意见建议": "划定停放区",
    "照片": [{"编号": "XF2026030200018/1", "哈希": "a0" * 32}],
    "巡访员": "赵某",
    "联系电话": "13800000001",
}


def parse(item: Item) -> WorkOrder:
    """What the patrol saw. Raises InvalidInput naming the field."""
    return found_on_site(item, WORDS, identifier(item, "巡访编号"))
