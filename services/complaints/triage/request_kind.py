"""What a citizen wants: 投诉, 举报, 求助 are put right; 咨询, 建议, 表扬 are answered (DOMAIN.md §3)."""

import re

from services.complaints.contracts import Reason, RequestKind

ZH = {
    RequestKind.COMPLAINT: "投诉",
    RequestKind.TIP_OFF: "举报",
    RequestKind.HELP: "求助",
    RequestKind.ENQUIRY: "咨询",
    RequestKind.SUGGESTION: "建议",
    RequestKind.PRAISE: "表扬",
}
_BY_WORD = {zh: kind for kind, zh in ZH.items()} | {
    "感谢": RequestKind.PRAISE,
    "意见建议": RequestKind.SUGGESTION,
    "投诉举报": RequestKind.COMPLAINT,
    "申诉": RequestKind.COMPLAINT,
}

# In a title these words say what is wanted, whatever the text goes on to tell; the first rule that fits decides.
_IN_TITLE: tuple[tuple[RequestKind, str], ...] = (
    (RequestKind.TIP_OFF, r"举报|检举"),
    (RequestKind.COMPLAINT, r"投诉"),
    (RequestKind.PRAISE, r"表扬|点赞|感谢信|致谢|^感谢"),
    (RequestKind.HELP, r"求助|求救|恳求|恳请|请求|救救"),
    (RequestKind.SUGGESTION, r"建议|提议|的意见"),
    (RequestKind.ENQUIRY, r"咨询|询问|请问|想问|问一下|如何办|怎么办理|怎样办|什么时候|何时|几时|能否告知|是否可以"),
)
_IN_TEXT: tuple[tuple[RequestKind, str], ...] = (
    (RequestKind.TIP_OFF, r"我要举报|特此举报|现举报|实名举报|向您举报"),
    (
        RequestKind.COMPLAINT,
        r"我要投诉|特此投诉|现投诉|扰民|乱收费|不作为|无人管|没人管|没人处理|脏乱差|严重影响|要求.{0,6}(?:处理|整治|查处|取缔)",
    ),
    (RequestKind.PRAISE, r"特此表扬|提出表扬|予以表扬|为.{1,12}点赞"),
    (RequestKind.HELP, r"求助|恳请|请求.{0,8}(?:帮|解决)|希望.{0,10}(?:帮助|帮忙)|帮帮"),
    (RequestKind.SUGGESTION, r"我建议|建议[：:]|几点建议|提个建议|建议(?:在|将|把|增|设|加|政府|有关|相关|能|开)"),
    (RequestKind.ENQUIRY, r"咨询|请问|想问|想了解|请告知|望告知|如何办理|怎么办理|需要(?:什么|哪些)(?:材料|手续|条件)"),
)


def request_kind_of(title: str, text: str, declared: str = "") -> tuple[RequestKind, Reason]:
    """The kind of request and why: `declared` (诉求类型) where it is one of the six, else the title's words, else the
    text's, else a complaint, so that nothing that might have to be put right is merely answered."""
    if kind := _BY_WORD.get(declared.strip()):
        return kind, Reason(f"来件注明诉求类型“{declared.strip()}”", [declared.strip()])
    for where, rules, words in (("标题", _IN_TITLE, title), ("正文", _IN_TEXT, text)):
        for kind, pattern in rules:
            if found := re.search(pattern, words):
                return kind, Reason(f"{where}中有“{found[0]}”，视为{ZH[kind]}", [found[0]])
    return RequestKind.COMPLAINT, Reason("未见明确的诉求用语，按投诉办理", [])
