"""领导批示: an instruction of a leader that a matter be put right, with the matter as it was brought to the leader."""

from typing import Any

from services.complaints.authentication import HMAC_SHA256
from services.complaints.contracts import Channel
from services.complaints.field_reading import Item, identifier
from services.complaints.found_on_site import Words, found_on_site
from services.complaints.work_order import WorkOrder

CHANNEL = Channel.LEADER_INSTRUCTION
AUTHENTICATION = HMAC_SHA256

WORDS = Words(
    said="反映问题",
    at="批示时间",
    title="批示标题",
    category="问题类别",
    urgency="紧急程度",
    difficult="是否疑难",
    places=("涉及地点",),
    facts=("批示领导", "批示内容", "来文单位", "来文编号", "承办要求"),
    deadlines=("办理期限",),
    personal=("反映人", "联系电话"),
)

SAMPLE: dict[str, Any] = {
    "批示编号": "PS2026-031",
    "批示标题": "关于龙泉路积水问题的批示",
    "批示领导": "分管副市长",
    "批示时间": "2026-03-02 08:30:00",
    "批示内容": "请市城管局会同盘龙区三日内解决，并报结果。",
    "反映问题": "盘龙区龙泉路沣源路口雨后长期积水，车辆行人通行困难。",
    "涉及地点": "盘龙区龙泉路沣源路口",
    "来文单位": "市信访局",
    "来文编号": "昆信〔2026〕58号",
    "承办要求": "三日内办结并书面反馈",
    "紧急程度": "特急",
    "办理期限": "2026-03-05 18:00:00",
    "是否疑难": "是",
    "附件": ["PS2026-031.pdf"],
}


def parse(item: Item) -> WorkOrder:
    """The matter and the instruction on it. Raises InvalidInput naming the field."""
    return found_on_site(item, WORDS, identifier(item, "批示编号"))
