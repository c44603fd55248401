"""热点问题提示: what a district and the headquarters' office are told of a place and matter that grow unusually. Pure:
an event in, drafts out."""

from infra.messaging.event import Received
from infra.organisation import unit_path
from infra.organisation.registry import Registry
from services.complaints.contracts import HotspotDetected
from services.notify.contracts import BulletinKind
from services.notify.draft import TITLES, Draft, Words, id_of_news
from services.notify.rendering import chinese_moment

KIND = BulletinKind.HOTSPOT
GROWING = Words(
    TITLES[KIND],
    "下列问题近期反映集中，明显多于平常，请及时研判成因，组织排查处置。",
    "请举一反三，从源头治理，防止同类问题持续发生。",
)


def grown(received: Received[HotspotDetected], registry: Registry) -> list[Draft]:
    """To the district or zone of the place, where it lies in one, and to the headquarters' office."""
    event, envelope = received.event, received.envelope
    where, what = _place(event.place_path, registry), event.category_name or event.category
    district = unit_path.ancestors(event.place_path)[1:2]
    return [
        Draft(
            id=id_of_news(KIND, envelope, unit),
            kind=KIND,
            unit=unit,
            about=f"{what}（{where}）",
            words=GROWING,
            facts=[
                ("问题类别", what),
                ("发生地点", where),
                ("统计起点", chinese_moment(event.since)),
                ("来件数量", f"{event.reports}件"),
                ("平常数量", f"同样时长约{event.usual:g}件"),
            ],
            cause=envelope.id,
        )
        for unit in [*district, unit_path.office_of(event.place_path)]
    ]


def _place(path: str, registry: Registry) -> str:
    """五华区华山街道; 昆明市 where nothing more is known."""
    return "".join(registry.name(unit) for unit in unit_path.ancestors(path)[1:]) or registry.name(path)
