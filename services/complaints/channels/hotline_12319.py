"""12319 城建服务热线 / 数字城管: the files of the city-management collectors (fields: DOMAIN.md §3)."""

from typing import Any

from services.complaints.authentication import HMAC_SHA256
from services.complaints.contracts import Channel
from services.complaints.field_reading import (
    ABOUT_THE_CALLER,
    TEXT_LIMIT,
    Item,
    choice,
    identifier,
    moment,
    point,
    required_text,
    text,
    unlisted,
    words,
)
from services.complaints.photos import photos
from services.complaints.work_order import Content, WorkOrder

CHANNEL = Channel.HOTLINE_12319
AUTHENTICATION = HMAC_SHA256

SORTS: dict[str, str] = {"部件": "部件", "事件": "事件"}
PERSONAL = ("上报人", "上报人电话", *ABOUT_THE_CALLER)
PLACES = ("单元网格", "位置描述")

SAMPLE: dict[str, Any] = {
    "案卷号": "2026030200451",
    "问题类型": "事件",
    "大类": "市容环境",
    "小类": "暴露垃圾",
    "问题描述": "盘龙区鼓楼街道桃源广场北侧绿化带内堆放暴露垃圾约两平方米。",
    "位置描述": "盘龙区鼓楼街道桃源广场北侧",
    "坐标": "102.7146,25.0492",
    "单元网格": "53010300200105",
    "上报人": "采集员王某",
    "上报时间": "2026-03-02 08:55:00",
    "附件": ["https://12319.example.org/photo/2026030200451-1.jpg"],
}


def parse(item: Item) -> WorkOrder:
    """The work order in `item`: a collector reports what is to be put right. Raises InvalidInput naming the field."""
    said = required_text(item, "问题描述", TEXT_LIMIT)
    sort = choice(item, "问题类型", SORTS)
    subjects = [subject for field in ("大类", "小类") if (subject := text(item, field))]
    places = {field: place for field in PLACES if (place := text(item, field))}
    content = Content(
        title=" ".join([*subjects[-1:], places.get("位置描述") or said[:20]]),
        text=said,
        declared_category="/".join(subjects),
        declared_kind="投诉",
        place_fields=places,
        point=point(item, "坐标"),
        reported_at=moment(item, "上报时间"),
        attachments=words(item, "附件"),
        photos=photos(item, "照片"),
        facts=({"问题类型": sort} if sort else {}) | unlisted(item, {"问题类型": SORTS}),
    )
    personal = {field: value for field in PERSONAL if (value := text(item, field))}
    return WorkOrder(external_id=identifier(item, "案卷号"), content=content, personal=personal)
