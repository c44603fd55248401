"""督查: what one of the eight inspection groups found on its rounds (督查组实地督查)."""

from typing import Any

from services.complaints.authentication import HMAC_SHA256
from services.complaints.contracts import Channel
from services.complaints.field_reading import Item, identifier
from services.complaints.found_on_site import Words, found_on_site
from services.complaints.work_order import WorkOrder

CHANNEL = Channel.INSPECTION
AUTHENTICATION = HMAC_SHA256

WORDS = Words(
    said="问题描述",
    at="督查时间",
    spot="点位",
    category="问题类别",
    difficult="是否疑难",
    places=("详细地址", "点位", "所属街道", "所属区县"),
    facts=("督查组", "督查批次", "点位类型", "整改要求"),
    deadlines=("整改期限",),
    personal=("督查人员", "联系电话"),
)

SAMPLE: dict[str, Any] = {
    "督查编号": "DC3-20260302-07",
    "督查组": "第三督查组",
    "督查批次": "2026年第一季度第二次",
    "督查时间": "2026-03-02 10:20:00",
    "点位": "圆通农贸市场",
    "点位类型": "农贸市场",
    "详细地址": "五华区华山街道圆通街圆通农贸市场东门",
    "所属街道": "华山街道",
    "所属区县": "五华区",
    "问题类别": "占道经营",
    "问题描述": "圆通农贸市场东门两侧流动摊贩占道经营，人行道无法通行。",
    "整改要求": "清理占道摊点并安排专人值守",
    "整改期限": "2026-03-05",
    "是否疑难": "否",
    "坐标": "102.7098,25.0504",
    "照片": [{"链接": "https://dc.example.org/p/DC3-20260302-07-1.jpg", "哈希": "3f" * 32}],
    "督查人员": "王某",
}


def parse(item: Item) -> WorkOrder:
    """What the group found. Raises InvalidInput naming the field."""
    return found_on_site(item, WORDS, identifier(item, "督查编号"))
