"""The domain's enumerations in GraphQL, each value with its Chinese word."""

from enum import Enum, StrEnum
from typing import Any

import graphene

from infra.organisation import officer, unit
from services.assessment import contracts as assessment
from services.complaints import contracts as complaints
from services.notify import contracts as notify
from services.tasks import contracts as tasks


def _described(kind: type[Enum], meaning: str, words: str = "") -> Any:
    """A GraphQL enum of `kind`; `words` are the values' Chinese words in order, separated by spaces."""
    of = dict(zip(kind, words.split(), strict=True)) if words else {}
    return graphene.Enum.from_enum(kind, description=lambda value: of.get(value) if value else meaning)


class CoordinateName(StrEnum):
    """条块: by which of its two coordinates work belongs to a unit."""

    PLACE = "place"
    RESPONSIBLE = "responsible"


CoordinateName.__name__ = "Coordinate"
Coordinate = _described(CoordinateName, "By which of its two coordinates work belongs to a unit.", "块 条")


class TaskGroupingName(StrEnum):
    """By what tasks are counted beside their state."""

    SOURCE = "source"
    ROLE = "role"
    CATEGORY = "category"


TaskGroupingName.__name__ = "TaskGrouping"
TaskGrouping = _described(TaskGroupingName, "By what tasks are counted beside their state.", "来源 主协办 类别")
Role = _described(
    officer.Role, "Roles that a token can carry.", "市创建办 部门 县(市)区或园区 街道(乡镇) 热线受理席 运维"
)
UnitKind = _described(
    unit.UnitKind,
    "What kind of body a unit is.",
    "市 县(市)区 开发(度假)园区 街道(乡镇) 社区(村) 部门 总指挥部 分指挥部 督查组 巡访团 测评机构 媒体",
)
CaseStatus = _described(
    complaints.CaseStatus, "States of a case.", "受理 核实 立案 派遣 处置 核查 结案 重办 答复 作废 并案"
)
Urgency = _described(complaints.Urgency, "How soon.", "一般 紧急 特急")
RequestKind = _described(complaints.RequestKind, "What is asked for.", "投诉 举报 求助 咨询 建议 表扬")
Channel = _described(
    complaints.Channel,
    "Where a report comes from.",
    "12345热线 12319热线 微博 微信 论坛 报刊 应用 随手拍 曝光台 督查 巡访 测评 领导批示 上级督查",
)
DeskKind = _described(
    complaints.DeskKind,
    "Why a case needs a person.",
    "超时申诉待裁定 待核查结案 补正材料已到 逾期未补正 待现场核实 待答复 研判不明待确认 疑似重复待确认 "
    "催办升级待处理 来件有修改待阅 结案后来件有修改 市民不满意 待回访",
)
RatingSource = _described(complaints.RatingSource, "Who says how satisfied the citizen is.", "市民 回访")
MisfitState = _described(complaints.MisfitState, "What became of what intake refused.", "待更正 已更正重报 已弃置")
LimitTable = _described(complaints.LimitTable, "Tables of limits.", "案件标准 标准外事项时限表")
TaskStatus = _described(
    tasks.TaskStatus, "States of a task.", "下达 签收 办理中 自查 申报完成 验收 办结 退回 整改 挂账 撤回"
)
TaskSource = _described(tasks.TaskSource, "Where a duty comes from.", "目标任务 案件 会议 领导批示 督办")
WorkGroupName = Enum("WorkGroup", [(name.upper(), name) for name in tasks.GROUPS], type=str)  # type: ignore[misc]
TaskRole = _described(tasks.TaskRole, "Who answers for the whole, and who helps.", "主办 协办")
WorkGroup = _described(
    WorkGroupName,
    "Groups of a work list, what hurts first first.",
    "已逾期 待决定 将到期 办理中 等待中",
)
SupervisionStatus = _described(tasks.SupervisionStatus, "States of an order.", "下达 签收 已答复 退回 销号")
SupervisionTrigger = _described(tasks.SupervisionTrigger, "Why an order was opened.", "逾期 回访未解决 人工督办")
Grade = _described(assessment.Grade, "Grade by score; the bounds are configuration.")
BulletinKind = _described(
    notify.BulletinKind,
    "Kinds of documents.",
    "测评通报 交办单 督办通知单 督办情况通知 责任倒查线索移送单 热点问题提示 曝光周报 会议通知 整改提醒 公示",
)
DeliveryStatus = _described(notify.DeliveryStatus, "What became of a mail.", "待发 已发 送达 失败 签收")
