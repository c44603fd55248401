"""第三方测评: what an assessor found at a site of a round and took points for; the deduction refers to this case."""

from typing import Any

from services.complaints.authentication import HMAC_SHA256
from services.complaints.contracts import Channel
from services.complaints.field_reading import Item, identifier
from services.complaints.found_on_site import Words, found_on_site
from services.complaints.work_order import WorkOrder

CHANNEL = Channel.ASSESSOR
AUTHENTICATION = HMAC_SHA256

WORDS = Words(
    said="问题描述",
    at="测评时间",
    spot="点位名称",
    category="问题类别",
    places=("详细地址", "点位名称", "所属街道", "所属区县"),
    facts=("测评机构", "测评轮次", "点位编号", "点位类型", "测评指标", "测评标准", "扣分"),
    personal=("测评员",),
)

SAMPLE: dict[str, Any] = {
    "测评编号": "CP2026Q1-0457",
    "测评机构": "某某市场调查有限公司",
    "测评轮次": "2026年第一季度",
    "测评时间": "2026-03-02 09:40:00",
    "点位编号": "P-0183",
    "点位名称": "桃源广场",
    "点位类型": "广场",
    "详细地址": "盘龙区鼓楼街道桃源广场北侧绿化带",
    "所属街道": "鼓楼街道",
    "所属区县": "盘龙区",
    "测评指标": "环境卫生",
    "测评标准": "无暴露垃圾",
    "扣分": "0.5",
    "问题类别": "暴露垃圾",
    "问题描述": "广场北侧绿化带内有暴露垃圾三处。",
    "坐标": {"经度": 102.7146, "纬度": 25.0492},
    "照片": [{"链接": "https://cp.example.org/CP2026Q1-0457/1.jpg", "哈希": "5c" * 32}],
    "测评员": "测评员07",
}


def parse(item: Item) -> WorkOrder:
    """What the assessor found. Raises InvalidInput naming the field."""
    return found_on_site(item, WORDS, identifier(item, "测评编号"))
