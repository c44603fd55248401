"""Who said it, as far as that tells people apart: a number or an account, else a full name. Never stored in clear:
`Vault.person_key` makes a keyed hash of it, which stands with the report and is erased with it."""

from collections.abc import Mapping

_NUMBERS = ("号码", "来电号码", "联系电话", "电话", "手机", "手机号", "账号", "用户编号", "用户", "openid")
_NAMES = ("来电人", "上报人", "姓名", "联系人", "反映人")
_NOBODY = ("匿名", "先生", "女士", "小姐", "同志", "市民", "群众", "网友", "未知", "保密", "不详")


def identity_of(personal: Mapping[str, str]) -> str:
    """What tells this person from others; "" where nothing does (张女士 is many)."""
    for field in _NUMBERS:
        if len(personal.get(field, "").strip()) >= 5:
            return personal[field].strip()
    for field in _NAMES:
        name = personal.get(field, "").strip()
        if len(name) >= 2 and not any(word in name for word in _NOBODY):
            return name
    return ""
