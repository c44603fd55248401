"""The statutory holidays of years whose calendar the State Council has not published yet.

Thirteen days a year (全国年节及纪念日放假办法, as amended on 2025-01-01): 元旦 1, 春节 4 (from 除夕), 清明 1, 劳动节 2,
端午 1, 中秋 1, 国庆 3. Which days are shifted around them (调休) is decided year by year and cannot be foreseen.
"""

from datetime import date, timedelta

import chinese_calendar

FIXED = ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))
SPRING_FESTIVAL_DAYS = (-1, 0, 1, 2)  # 除夕 to 初三, counted from 初一

# 春节 (first day of the first lunar month), 端午 (5th of the 5th), 中秋 (15th of the 8th).
LUNAR: dict[int, tuple[date, date, date]] = {
    2027: (date(2027, 2, 6), date(2027, 6, 9), date(2027, 9, 15)),
    2028: (date(2028, 1, 26), date(2028, 5, 28), date(2028, 10, 3)),
    2029: (date(2029, 2, 13), date(2029, 6, 16), date(2029, 9, 22)),
    2030: (date(2030, 2, 3), date(2030, 6, 5), date(2030, 9, 12)),
    2031: (date(2031, 1, 23), date(2031, 6, 24), date(2031, 10, 1)),
    2032: (date(2032, 2, 11), date(2032, 6, 12), date(2032, 9, 19)),
    2033: (date(2033, 1, 31), date(2033, 6, 1), date(2033, 9, 8)),
    2034: (date(2034, 2, 19), date(2034, 6, 20), date(2034, 9, 27)),
    2035: (date(2035, 2, 8), date(2035, 6, 10), date(2035, 9, 16)),
    2036: (date(2036, 1, 28), date(2036, 5, 30), date(2036, 10, 4)),
    2037: (date(2037, 2, 15), date(2037, 6, 18), date(2037, 9, 24)),
    2038: (date(2038, 2, 4), date(2038, 6, 7), date(2038, 9, 13)),
    2039: (date(2039, 1, 24), date(2039, 5, 27), date(2039, 10, 2)),
    2040: (date(2040, 2, 12), date(2040, 6, 14), date(2040, 9, 20)),
}


def statutory_holidays(year: int) -> frozenset[date]:
    """The holidays of `year`; for a year outside the table of lunar dates only those fixed in the solar calendar."""
    days = {date(year, month, day) for month, day in FIXED}
    if year in LUNAR:
        spring, dragon_boat, mid_autumn = LUNAR[year]
        days |= {spring + timedelta(days=n) for n in SPRING_FESTIVAL_DAYS}
        days |= {dragon_boat, mid_autumn, _tomb_sweeping(year)}
    return frozenset(days)


def _tomb_sweeping(year: int) -> date:
    terms = chinese_calendar.get_solar_terms(date(year, 4, 3), date(year, 4, 7))
    return next(day for day, name in terms if name == "清明")
