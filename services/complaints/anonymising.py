"""Free text without the people in it: what stays of a report by the retention rule, and of officers' words after an
erasure. Pure; what is anonymised already stays as it is.

    what the report itself sealed   every occurrence of its names, numbers and addresses   某某 〔号码〕 〔住址〕
    numbers of people               mobile, landline, identity, bank and passport numbers, WeChat and QQ, e-mail, any
                                    run of seven digits or of seven numerals in words       〔号码〕 〔邮箱〕
    number plates                                                                           〔车牌〕
    homes                           building, unit, floor and room (3栋2单元501), house numbers (12号)   某栋某单元某
    names                           before a title (张女士, 李师傅), after an introduction (我叫…, 联系人：…)   某女士

Kept: streets, estates, dates, amounts, receipts, numbers of cases, bus and metro lines.
Not found: a name that is neither sealed nor stands beside a title or an introduction; nicknames; house numbers after
other words than these; who can only be one person (the village's only doctor).
"""

import re
from collections.abc import Iterable, Mapping

from services.complaints.masking import IDENTITY, LANDLINE, MOBILE

NAME, NUMBER, HOME, MAIL, PLATE = "某某", "〔号码〕", "〔住址〕", "〔邮箱〕", "〔车牌〕"
SHORTEST = 2  # characters of a sealed word that is searched for
_SAYS_NOTHING = frozenset(
    {"先生", "女士", "小姐", "匿名", "保密", "不详", "未知", "市民", "群众", "网友", "男性", "女性"}
)

_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严金魏陶姜戚谢邹喻柏窦章苏潘葛范彭郎鲁韦昌马苗凤方俞任袁柳史唐费廉岑"
    "薛雷贺倪汤滕殷罗毕郝邬卞齐康伍余顾孟黄萧尹姚邵汪祁毛狄米贝臧戴宋庞熊纪舒屈项祝董梁杜阮蓝闵席季麻贾童颜郭梅盛林刁钟徐邱骆"
    "高夏蔡田樊胡凌霍虞柯卢莫丁宣邓洪石崔吉龚程邢裴陆荣翁段侯白龙叶黎温庄晏柴瞿阎曾刘欧关岳甘冉"
)
_NAME = rf"(?:欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|[{_SURNAMES}])[\u4e00-\u9fff]"
_TITLES = (
    "先生|女士|小姐|同志|师傅|阿姨|大爷|大妈|大叔|奶奶|爷爷|老师|医生|护士|律师|警官|经理|主任|科长|处长|书记|老板|某某"
)
_TITLED = re.compile(
    rf"(?:欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|[{_SURNAMES}])(?:[\u4e00-\u9fff]{{1,2}})??(?={_TITLES})"
)
_INTRODUCED = re.compile(
    rf"((?:我叫|名叫|名字叫|姓名|联系人|来电人|投诉人|举报人|当事人|户主|业主)(?:是|为)?[:：]?\s*)"
    rf"{_NAME}[\u4e00-\u9fff]?(?![\u4e00-\u9fff])"
)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_ACCOUNT = re.compile(r"((?:微信号?|QQ号?|qq号?|扣扣|vx|VX)[:：是为\s]*)[A-Za-z0-9][-A-Za-z0-9_]{4,19}")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][A-Z][·•.\s-]?[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳]"
)
_PASSPORT = re.compile(r"(?<![A-Za-z0-9])[EGPSDHM]\d{8}(?!\d)")
_DIGITS = re.compile(r"HZ-\d{4}-\d{7}|〔\d{4}〕\d+|(?P<run>\d(?:[\s-]?\d){6,})")
_DATE = re.compile(r"(?:19|20)\d\d-\d{1,2}-\d{1,2}(?:\s\d{1,2})?")
_NUMERALS = re.compile(r"[零〇一二三四五六七八九幺]{7,}")
_N = r"[A-Za-z]?\d{1,5}(?:[-—－]\d{1,4})*|[A-Za-z]|[一二三四五六七八九十百零〇两]{1,5}"
_IN_HOUSE = re.compile(
    rf"(?<![月第A-Za-z0-9])(?:{_N})(号楼|号院|号门|幢|栋|单元|室|号(?!线|公路|国道|省道|文|机|令))|"
    r"(?<![月第A-Za-z0-9])\d{1,5}(座|层|楼|房|户)"
)
_ROOM = re.compile(r"(某(?:单元|号楼|栋|幢|座|层|楼)[，,、\s-]*)[A-Za-z]?\d{2,4}(?!\d)")
_TRIPLE = re.compile(r"(?<![\d-])\d{1,3}[-—－]\d{1,2}[-—－]\d{3,4}(?![\d-])")


def anonymised(text: str, known: Mapping[str, str] | None = None) -> str:
    """`text` without people; `known` says what stands for which word that was sealed (see `known_words`)."""
    for word in sorted(known or {}, key=len, reverse=True):
        text = text.replace(word, (known or {})[word])
    text = _PLATE.sub(PLATE, _ACCOUNT.sub(rf"\g<1>{NUMBER}", _MAIL.sub(MAIL, text)))
    for pattern in (IDENTITY, MOBILE, _PASSPORT, _NUMERALS):
        text = pattern.sub(NUMBER, text)
    text = _TRIPLE.sub("某室", LANDLINE.sub(NUMBER, _DIGITS.sub(_long_run, text)))
    text = _ROOM.sub(r"\1某室", _IN_HOUSE.sub(_of_house, text))
    return _TITLED.sub("某", _INTRODUCED.sub(rf"\g<1>{NAME}", text))


def known_words(fields: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """By word, what stands for it: every value of the sealed fields that tells something about a person."""
    found: dict[str, str] = {}
    for personal in fields:
        for field, value in personal.items():
            word = value.strip()
            if len(word) >= SHORTEST and word not in _SAYS_NOTHING:
                found[word] = _stands_for(field, word)
    return found


def _stands_for(field: str, word: str) -> str:
    if "址" in field or "住" in field:
        return HOME
    return NUMBER if sum(letter.isdigit() or letter.isascii() for letter in word) > len(word) / 2 else NAME


def _long_run(found: re.Match[str]) -> str:
    """Seven digits and more are a number of somebody, unless they are a date or one of our own numbers."""
    return found[0] if found["run"] is None or _DATE.fullmatch(found["run"]) else NUMBER


def _of_house(found: re.Match[str]) -> str:
    return f"某{found[1] or found[2]}"
