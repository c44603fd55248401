"""Work orders of hotline 12345, made up by number: all different, placed in Kunming's streets in turn."""

import functools
import hashlib

from infra.organisation.registry import Registry, UnitKind

MATTERS = (
    "路灯不亮，夜间出行不便，请尽快修复",
    "垃圾清运不及时，堆放多日异味很大",
    "人行道地砖破损松动，老人容易摔倒",
    "占道经营严重，堵塞消防通道",
    "夜间施工噪音扰民，无法休息",
    "污水外溢，路面积水发臭",
    "井盖缺失，存在安全隐患",
    "共享单车乱停乱放，影响通行",
)


@functools.cache
def streets() -> tuple[tuple[str, str], ...]:
    """(district name, street name) of every street."""
    registry = Registry.load("5301")
    return tuple(
        (registry.unit(street.path.rpartition("/")[0]).name, street.name)
        for street in registry.all(kind=UnitKind.STREET)
    )


def order(number: int, series: str) -> dict[str, str]:
    """Work order `number` of `series`, in the hotline's own fields. Texts of different numbers are not similar."""
    district, street = streets()[number % len(streets())]
    matter = MATTERS[number // len(streets()) % len(MATTERS)]
    # Words spelled from a digest keep one text from resembling another, as real complaints do not.
    digest = hashlib.shake_128(f"{series} {number}".encode()).digest(80)
    spelled = "".join(chr(0x4E00 + int.from_bytes(digest[at : at + 2]) % 20000) for at in range(0, len(digest), 2))
    return {
        "工单编号": f"{series}-{number:07d}",
        "标题": f"{street}{matter[:6]}",
        "诉求内容": f"{district}{street}{number}号附近{matter}。{spelled}",
        "诉求类型": "投诉",
        "紧急程度": "一般",
        "事发地址": f"昆明市{district}{street}{number}号",
        "来电人": "测试",
        "号码": f"138{number % 10**8:08d}",
    }


def orders(count: int, series: str) -> list[dict[str, str]]:
    """The first `count` orders of `series`."""
    return [order(number, series) for number in range(count)]


def in_batches(items: list[dict[str, str]], size: int) -> list[list[dict[str, str]]]:
    """`items` cut into lists of `size`."""
    return [items[start : start + size] for start in range(0, len(items), size)]
