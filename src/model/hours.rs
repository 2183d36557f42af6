//! Hours in which something must not be sent, in the recipient's local time.
//!
//! A set of windows divides time into stretches that are blocked or open throughout. Clocks that jump are honoured: a
//! boundary that the clock skips comes when it jumps, one that it passes twice ends a stretch both times.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::calendar::Calendar;
use crate::units::SimTime;

/// Seconds of a day without a jump of the clock.
const DAY: u32 = 86_400;
/// Days looked ahead for the end of a stretch; windows repeat by the week and holidays are rare.
const HORIZON_DAYS: u32 = 21;

/// One window of blocked hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// On which weekdays, Monday first.
    pub weekdays: [bool; 7],
    /// Whether on public holidays.
    pub holidays: bool,
    /// Where the blocked hours begin, in seconds of the local day. Later than `to`: blocked before `to` and from `from` on.
    pub from: u32,
    /// Where they end, in seconds of the local day, at most 86,400.
    pub to: u32,
    /// The regions of the country it is limited to, as indexes; `None` is all of it.
    pub regions: Option<Vec<u32>>,
}

impl Window {
    fn covers(&self, weekday: usize, is_holiday: bool, second: u32, region: Option<u32>) -> bool {
        let here = self.regions.as_ref().is_none_or(|regions| region.is_some_and(|region| regions.contains(&region)));
        let today = self.weekdays[weekday] || (self.holidays && is_holiday);
        let now = if self.from > self.to {
            second < self.to || second >= self.from
        } else {
            (self.from..self.to).contains(&second)
        };
        here && today && now
    }
}

/// The windows that hold for some traffic in one country.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hours {
    /// The windows; time is blocked when any of them covers it.
    pub windows: Vec<Window>,
    /// The country's public holidays.
    pub holidays: Vec<Date>,
}

/// A stretch of time that is blocked or open throughout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Whether it is blocked.
    pub blocked: bool,
    /// Its end, exclusive; [`SimTime::MAX`] when none is near.
    pub until: SimTime,
}

impl Hours {
    /// The stretch that `at` lies in, from `at` on, for people of `zone` and `region`.
    pub fn stretch(&self, calendar: &Calendar, zone: &TimeZone, region: Option<u32>, at: SimTime) -> Stretch {
        let start = calendar.instant(at);
        let blocked = self.is_blocked(zone, region, start);
        let mut now = start;
        while let Some(next) = self.next_boundary(zone, now) {
            if next.duration_since(start).as_hours() > i64::from(HORIZON_DAYS) * 24 {
                break;
            }
            if self.is_blocked(zone, region, next) != blocked {
                return Stretch { blocked, until: calendar.sim_time(next) };
            }
            now = next;
        }
        Stretch { blocked, until: SimTime::MAX }
    }

    fn is_blocked(&self, zone: &TimeZone, region: Option<u32>, at: Timestamp) -> bool {
        let local = zone.to_datetime(at);
        let (day, time) = (local.date(), local.time());
        let second = u32::try_from(i32::from(time.hour()) * 3_600 + i32::from(time.minute()) * 60)
            .expect("a time of day is positive")
            + u32::try_from(time.second()).expect("a time of day is positive");
        let is_holiday = self.holidays.contains(&day);
        self.is_covered(weekday(day), is_holiday, second, region)
    }

    fn is_covered(&self, weekday: usize, is_holiday: bool, second: u32, region: Option<u32>) -> bool {
        self.windows.iter().any(|window| window.covers(weekday, is_holiday, second, region))
    }

    /// Whether these hours stay closed, to people of `region`, for so long that [`Hours::stretch`] sees no end: all week,
    /// or over a run of public holidays.
    pub fn stays_closed(&self, region: Option<u32>) -> bool {
        // Between the edges of its windows a day does not change.
        let edges = self.windows.iter().flat_map(|window| [window.from, window.to]).filter(|edge| *edge < DAY);
        let edges: Vec<u32> = edges.chain([0]).collect();
        let all_day = |weekday: usize, is_holiday: bool| {
            edges.iter().all(|second| self.is_covered(weekday, is_holiday, *second, region))
        };
        // Days that are not holidays may stand before the first one, but not a whole week of them.
        let run = |first: Date| {
            let mut days = first.series(1.day()).take(HORIZON_DAYS as usize - 1);
            days.all(|day| all_day(weekday(day), self.holidays.contains(&day)))
        };
        let around = |holiday: &Date| (0..7).any(|back| holiday.checked_sub(back.days()).is_ok_and(run));
        (0..7).all(|weekday| all_day(weekday, false)) || self.holidays.iter().any(around)
    }

    /// The first instant after `now` at which the local clock shows the edge of a window or of a day, or at which it
    /// jumps.
    fn next_boundary(&self, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
        let today = zone.to_datetime(now).date();
        let mut best: Option<Timestamp> = zone.following(now).next().map(|jump| jump.timestamp());
        for ahead in 0..=1 {
            let day = today.checked_add(ahead.days()).ok()?;
            let edges = self.windows.iter().flat_map(|window| [window.from, window.to]).chain([0, DAY]);
            for second in edges {
                let ambiguous = zone.to_ambiguous_zoned_datetime(local_time(day, second)?);
                for instant in [ambiguous.clone().earlier(), ambiguous.later()] {
                    let instant = instant.ok()?.timestamp();
                    if instant > now && best.is_none_or(|best| instant < best) {
                        best = Some(instant);
                    }
                }
            }
        }
        best
    }
}

/// Monday is 0.
fn weekday(day: Date) -> usize {
    usize::try_from(day.weekday().to_monday_zero_offset()).expect("0 to 6")
}

/// The civil time `second` seconds into a day, or its end.
fn local_time(day: Date, second: u32) -> Option<DateTime> {
    if second >= DAY {
        return Some(day.checked_add(1.day()).ok()?.to_datetime(Time::midnight()));
    }
    let part = |value: u32| i8::try_from(value).expect("a part of a time of day");
    Some(day.at(part(second / 3_600), part(second / 60 % 60), part(second % 60), 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL_DAYS: [bool; 7] = [true; 7];
    const HOUR: u32 = 3_600;

    fn night(from: u32, to: u32) -> Hours {
        let window = Window { weekdays: ALL_DAYS, holidays: false, from, to, regions: None };
        Hours { windows: vec![window], holidays: Vec::new() }
    }

    /// Walks through `hours` hours minute by minute with a test of its own on the clock's reading.
    fn walk(hours: &Hours, zone: &str, start: &str, for_hours: u64, naive: impl Fn(DateTime) -> bool) {
        let zone = TimeZone::get(zone).unwrap();
        let calendar = Calendar::new(start.parse().unwrap(), zone.clone());
        let mut stretch = Stretch { blocked: false, until: SimTime::ZERO };
        for minute in 0..for_hours * 60 {
            let at = SimTime::from_nanos(minute * 60_000_000_000);
            if at >= stretch.until {
                stretch = hours.stretch(&calendar, &zone, None, at);
            }
            let local = zone.to_datetime(calendar.instant(at));
            assert_eq!(stretch.blocked, naive(local), "{local}");
        }
    }

    #[test]
    fn nights_agree_with_the_clock_on_the_wall() {
        let hours = night(22 * HOUR, 8 * HOUR);
        walk(&hours, "Europe/Paris", "2026-11-27T00:00:00Z", 72, |t| t.hour() >= 22 || t.hour() < 8);
        let midday = night(12 * HOUR + 1_800, 13 * HOUR + 1_800);
        walk(&midday, "Asia/Taipei", "2026-11-27T00:00:00Z", 48, |t| {
            (1230..1330).contains(&(i32::from(t.hour()) * 100 + i32::from(t.minute())))
        });
    }

    #[test]
    fn clocks_that_jump_are_honoured() {
        // Berlin skips 02:00 to 03:00 on 2027-03-28 and passes it twice on 2026-10-25; New York likewise at other dates.
        let hours = night(2 * HOUR + 1_800, 2 * HOUR + 2_700);
        let naive = |t: DateTime| t.hour() == 2 && (30..45).contains(&t.minute());
        walk(&hours, "Europe/Berlin", "2027-03-27T20:00:00Z", 12, naive);
        walk(&hours, "Europe/Berlin", "2026-10-24T20:00:00Z", 12, naive);
        let hours = night(HOUR + 900, 2 * HOUR + 900);
        let naive = |t: DateTime| (75..135).contains(&(i32::from(t.hour()) * 60 + i32::from(t.minute())));
        walk(&hours, "America/New_York", "2026-11-01T00:00:00Z", 24, naive);
        walk(&hours, "America/New_York", "2027-03-14T00:00:00Z", 24, naive);
    }

    #[test]
    fn weekdays_holidays_and_regions_count() {
        let sundays = Window {
            weekdays: [false, false, false, false, false, false, true],
            holidays: true,
            from: 0,
            to: DAY,
            regions: None,
        };
        let hours = Hours { windows: vec![sundays], holidays: vec!["2026-12-25".parse().unwrap()] };
        walk(&hours, "Europe/Paris", "2026-12-20T00:00:00Z", 24 * 8, |t| {
            t.date().weekday() == jiff::civil::Weekday::Sunday || (t.month(), t.day()) == (12, 25)
        });
        let zone = TimeZone::get("America/New_York").unwrap();
        let calendar = Calendar::new("2026-11-27T18:00:00Z".parse().unwrap(), zone.clone());
        let only = Window { weekdays: ALL_DAYS, holidays: false, from: 0, to: DAY, regions: Some(vec![3]) };
        let hours = Hours { windows: vec![only], holidays: Vec::new() };
        let at = |region| hours.stretch(&calendar, &zone, region, SimTime::ZERO);
        assert_eq!(at(Some(3)), Stretch { blocked: true, until: SimTime::MAX });
        assert!(!at(Some(4)).blocked && !at(None).blocked);
    }

    #[test]
    fn hours_without_end_are_those_whose_end_is_not_seen() {
        let zone = TimeZone::get("Europe/Paris").unwrap();
        let window = |weekdays: [bool; 7], holidays: bool, from: u32, to: u32| Window {
            weekdays,
            holidays,
            from: from * HOUR,
            to: to * HOUR,
            regions: None,
        };
        let only = |weekday: usize| std::array::from_fn(|day| day == weekday);
        let week = [true, true, true, true, true, true, false];
        let run = |days: i32| -> Vec<Date> {
            "2026-12-01".parse::<Date>().unwrap().series(1.day()).take(days as usize).collect()
        };
        for (windows, holidays, expected) in [
            (vec![window(ALL_DAYS, false, 0, 24)], vec![], true),
            (vec![window(ALL_DAYS, false, 22, 8), window(ALL_DAYS, false, 8, 22)], vec![], true),
            (vec![window(ALL_DAYS, false, 22, 8), window(ALL_DAYS, false, 9, 22)], vec![], false),
            (vec![window(week, false, 0, 24)], vec![], false),
            (vec![window(week, false, 0, 24), window(only(6), false, 0, 24)], vec![], true),
            (vec![window(ALL_DAYS, true, 22, 8)], run(40), false),
            (vec![window(only(0), true, 0, 24)], run(30), true),
            (vec![window(only(0), true, 0, 24)], run(15), false),
        ] {
            let hours = Hours { windows, holidays };
            assert_eq!(hours.stays_closed(None), expected, "{hours:?}");
            // Independently: whether a walk through two months meets a closed stretch without an end.
            let calendar = Calendar::new("2026-11-20T12:00:00Z".parse().unwrap(), zone.clone());
            let endless = (0..60 * 24).any(|hour| {
                let stretch = hours.stretch(&calendar, &zone, None, SimTime::from_nanos(hour * 3_600_000_000_000));
                stretch.blocked && stretch.until == SimTime::MAX
            });
            assert_eq!(endless, expected, "{hours:?}");
        }
        let texas = Window { regions: Some(vec![3]), ..window(ALL_DAYS, false, 0, 24) };
        let hours = Hours { windows: vec![texas], holidays: Vec::new() };
        assert!(hours.stays_closed(Some(3)) && !hours.stays_closed(Some(4)) && !hours.stays_closed(None));
    }
}
