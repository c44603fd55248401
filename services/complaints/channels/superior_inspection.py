"""上级督查: what the province's or the nation's inspection handed down; registered and dispatched directly."""

from typing import Any

from services.complaints.authentication import HMAC_SHA256
from services.complaints.contracts import Channel
from services.complaints.field_reading import Item, identifier
from services.complaints.found_on_site import Words, found_on_site
from services.complaints.work_order import WorkOrder

CHANNEL = Channel.SUPERIOR_INSPECTION
AUTHENTICATION = HMAC_SHA256

WORDS = Words(
    said="问题描述",
    at="检查时间",
    title="问题标题",
    spot="点位",
    category="问题类别",
    urgency="紧急程度",
    difficult="是否重点",
    places=("详细地址", "点位", "所属区县"),
    facts=("交办单位", "检查组", "交办批次", "点位类型", "整改要求"),
    handed_over="交办时间",
    deadlines=("整改期限", "反馈期限"),
    personal=("联系人", "联系电话"),
)

SAMPLE: dict[str, Any] = {
    "交办编号": "SWMB-2026-112",
    "交办单位": "省文明办",
    "检查组": "省第二暗访组",
    "交办批次": "2026年第2批",
    "检查时间": "2026-02-27 14:00:00",
    "交办时间": "2026-03-02 09:00:00",
    "点位": "昆明站",
    "点位类型": "火车站",
    "详细地址": "官渡区太和街道北京路昆明站站前广场",
    "所属区县": "官渡区",
    "问题类别": "小广告",
    "问题描述": "昆明站站前广场立柱、地面小广告较多。",
    "整改要求": "清除并建立长效巡查",
    "整改期限": "2026-03-09",
    "反馈期限": "2026-03-10",
    "是否重点": "是",
    "照片": [
        {"链接": "https://sj.example.org/112/1.jpg", "哈希": "1b" * 32},
        {"链接": "https://sj.example.org/112/2.jpg", "哈希": "2c" * 32},
    ],
}


def parse(item: Item) -> WorkOrder:
    """What was handed down. Raises InvalidInput naming the field."""
    return found_on_site(item, WORDS, identifier(item, "交办编号"))
