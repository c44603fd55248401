"""12345 政务服务便民热线: the work orders of the city's hotline (fields: DOMAIN.md §3)."""

from typing import Any

from services.complaints.authentication import HMAC_SHA256
from services.complaints.contracts import Channel
from services.complaints.field_reading import (
    ABOUT_THE_CALLER,
    TEXT_LIMIT,
    Item,
    choice,
    deadlines,
    flag,
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

CHANNEL = Channel.HOTLINE_12345
AUTHENTICATION = HMAC_SHA256

KINDS: dict[str, str] = {
    **{word: word for word in ("投诉", "举报", "求助", "咨询", "建议", "表扬")},
    "投诉举报": "投诉",
    "求决": "求助",
    "意见建议": "建议",
    "感谢": "表扬",
}
URGENCIES: dict[str, str] = {word: word for word in ("一般", "紧急", "特急")}
PERSONAL = ABOUT_THE_CALLER
FLAGS = ("是否疑难", "是否协办")
FACTS = ("诉求渠道", "主办单位", "协办单位")
DEADLINES = ("办理期限", "市级办理期限", "区级办理期限")
CHOICES = {"诉求类型": KINDS, "紧急程度": URGENCIES}
TITLE_LENGTH = 30

SAMPLE: dict[str, Any] = {
    "工单编号": "GD20260302000117",
    "标题": "翠湖南路井盖缺失",
    "诉求内容": "五华区华山街道翠湖南路公交站旁人行道上一个雨水井盖缺失，已有老人险些跌落，希望尽快处理。",
    "诉求类型": "投诉",
    "诉求渠道": "电话",
    "诉求归口": "城市管理",
    "紧急程度": "紧急",
    "来电人": "李女士",
    "号码": "13800000000",
    "性别": "女",
    "事发时间": "2026-03-02 07:40:00",
    "事发地址": "五华区华山街道翠湖南路",
    "是否疑难": "否",
    "是否协办": "否",
    "主办单位": "五华区",
    "交办时间": "2026-03-02 08:10:00",
    "市级办理期限": "2026-03-06",
    "区级办理期限": "2026-03-05",
    "附件": ["GD20260302000117-1.jpg"],
}


def parse(item: Item) -> WorkOrder:
    """The work order in `item`. Raises InvalidInput naming the field."""
    said = required_text(item, "诉求内容", TEXT_LIMIT)
    address = text(item, "事发地址")
    wanted, spoken = deadlines(item, DEADLINES)
    facts = {field: value for field in FACTS if (value := text(item, field))}
    facts |= {field: value for field in FLAGS if (value := flag(item, field) or text(item, field))}
    content = Content(
        title=text(item, "标题") or said[:TITLE_LENGTH],
        text=said,
        declared_category=text(item, "诉求归口") or "",
        declared_kind=choice(item, "诉求类型", KINDS) or "",
        declared_urgency=choice(item, "紧急程度", URGENCIES) or "",
        place_fields={"事发地址": address} if address else {},
        point=point(item, "坐标"),
        occurred_at=moment(item, "事发时间"),
        handed_over_at=moment(item, "交办时间"),
        deadlines=wanted,
        attachments=words(item, "附件"),
        photos=photos(item, "照片"),
        difficult=flag(item, "是否疑难") == "是",
        facts=facts | spoken | unlisted(item, CHOICES),
    )
    personal = {field: value for field in PERSONAL if (value := text(item, field))}
    return WorkOrder(external_id=identifier(item, "工单编号"), content=content, personal=personal)
