//! Calendar time: what the clock on the wall says when the simulation's clock says n nanoseconds. Daylight saving is
//! honoured; the time zone database is built in, so that no machine's own copy can change a result.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::units::{SimDuration, SimTime};

/// The calendar of a scenario: its start and the zone in which its user thinks.
#[derive(Clone, Debug)]
pub struct Calendar {
    start: Timestamp,
    zone: TimeZone,
}

impl Calendar {
    /// A calendar that starts at `start` and is shown in `zone`.
    pub fn new(start: Timestamp, zone: TimeZone) -> Calendar {
        Calendar { start, zone }
    }

    /// The start as RFC 3339 in UTC.
    pub fn start_utc(&self) -> String {
        self.start.to_string()
    }

    /// The day of the start in the scenario's zone.
    pub fn start_day(&self) -> Date {
        self.start.to_zoned_datetime(self.zone.clone()).date()
    }

    /// The start's date in the scenario's zone, as `2026-11-27`.
    pub fn start_date(&self) -> String {
        self.start_day().to_string()
    }

    /// Seconds between local midnight and the start, in the scenario's zone.
    pub fn start_second_of_day(&self) -> u32 {
        let time = self.start.to_zoned_datetime(self.zone.clone()).time();
        let (hour, minute, second) = (time.hour(), time.minute(), time.second());
        u32::try_from(i32::from(hour) * 3_600 + i32::from(minute) * 60 + i32::from(second))
            .expect("a time of day is positive")
    }

    /// The zone's name, or its offset from UTC such as `UTC-05:00`.
    pub fn zone_label(&self) -> String {
        if let Some(name) = self.zone.iana_name() {
            return name.to_owned();
        }
        let seconds = self.start.to_zoned_datetime(self.zone.clone()).offset().seconds();
        let sign = if seconds < 0 { '-' } else { '+' };
        format!("UTC{sign}{:02}:{:02}", seconds.abs() / 3_600, seconds.abs() / 60 % 60)
    }

    /// The local time of day at `at`, as `15:46:40`, with the date in front when it is not the first day.
    pub fn wall_clock(&self, at: SimTime) -> String {
        let local = self.instant(at).to_zoned_datetime(self.zone.clone());
        let time = local.time();
        let text = format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second());
        let date = local.date().to_string();
        if date == self.start_date() { text } else { format!("{date} {text}") }
    }

    /// The same at the second that is nearest, as times from a minute on are rounded.
    pub fn nearest_clock(&self, at: SimTime) -> String {
        const SECOND: u64 = 1_000_000_000;
        self.wall_clock(SimTime::from_nanos(at.as_nanos().saturating_add(SECOND / 2) / SECOND * SECOND))
    }

    /// The first local midnight in `zone` strictly after `at`; `None` beyond the years a calendar has.
    pub fn next_midnight(&self, zone: &TimeZone, at: SimTime) -> Option<SimTime> {
        let tomorrow = self.instant(at).to_zoned_datetime(zone.clone()).date().checked_add(1.day()).ok()?;
        let midnight = zone.to_zoned_datetime(tomorrow.to_datetime(Time::midnight())).ok()?;
        let nanos = midnight.timestamp().as_nanosecond() - self.start.as_nanosecond();
        u64::try_from(nanos).ok().map(SimTime::from_nanos)
    }

    /// The hours of the scenario's zone from `from` to `until`, each with its number in the local day (0 to 23) and its
    /// end. One that the clock skips is not among them, one that it passes twice is so twice, and one that it jumps in is
    /// cut there.
    pub fn hours(&self, from: SimTime, until: SimTime) -> impl Iterator<Item = (usize, SimTime)> {
        let mut now = from;
        std::iter::from_fn(move || {
            if now >= until {
                return None;
            }
            let here = self.instant(now);
            let local = here.to_zoned_datetime(self.zone.clone());
            let past = i64::from(local.minute()) * 60 + i64::from(local.second());
            let left = (3_600 - past) * 1_000_000_000 - i64::from(local.subsec_nanosecond());
            let next = now.saturating_add(SimDuration::from_nanos(u64::try_from(left).expect("an hour is not over")));
            let jump = self.zone.following(here).next().map(|jump| self.sim_time(jump.timestamp()));
            now = jump.map_or(next, |jump| jump.min(next)).min(until);
            Some((usize::try_from(local.hour()).expect("an hour of the day is positive"), now))
        })
    }

    /// The simulation's time of an instant; zero before the start, the last time beyond it.
    pub fn sim_time(&self, at: Timestamp) -> SimTime {
        let nanos = (at.as_nanosecond() - self.start.as_nanosecond()).max(0);
        u64::try_from(nanos).map_or(SimTime::MAX, SimTime::from_nanos)
    }

    /// When another calendar starts; `None` before this one does.
    pub fn since_start(&self, other: &Calendar) -> Option<SimTime> {
        (other.start >= self.start).then(|| self.sim_time(other.start))
    }

    /// The whole minute of the clock on the wall that `at` lies in, counted from 1970: the same in every zone whose offset
    /// is whole minutes.
    pub fn minute(&self, at: SimTime) -> i64 {
        self.instant(at).as_second().div_euclid(60)
    }

    /// The instant on the calendar.
    pub fn instant(&self, at: SimTime) -> Timestamp {
        let nanos = self.start.as_nanosecond() + i128::from(at.as_nanos());
        Timestamp::from_nanosecond(nanos).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(start: &str, zone: &str) -> (Calendar, TimeZone) {
        let zone = TimeZone::get(zone).unwrap();
        (Calendar::new(start.parse().unwrap(), zone.clone()), zone)
    }

    #[test]
    fn midnights_follow_daylight_saving() {
        // Clocks in Los Angeles went back on 2026-11-01 at 02:00: that day had 25 hours.
        let (calendar, zone) = calendar("2026-11-01T07:00:00Z", "America/Los_Angeles");
        let hours = |time: SimTime| time.as_nanos() / 3_600_000_000_000;
        assert_eq!(calendar.wall_clock(SimTime::ZERO), "00:00:00");
        let first = calendar.next_midnight(&zone, SimTime::ZERO).unwrap();
        assert_eq!(hours(first), 25);
        assert_eq!(hours(calendar.next_midnight(&zone, first).unwrap()), 49);
    }

    #[test]
    fn hours_follow_daylight_saving() {
        let minutes = |n: u64| SimTime::from_nanos(n * 60_000_000_000);
        let hours = |calendar: &Calendar, from, until| -> Vec<(usize, u64)> {
            let hours = calendar.hours(minutes(from), minutes(until));
            hours.map(|(hour, until)| (hour, until.as_nanos() / 60_000_000_000)).collect()
        };
        // Half past midnight; clocks go back from 02:00 to 01:00.
        let (back, _) = calendar("2026-11-01T07:30:00Z", "America/Los_Angeles");
        assert_eq!(hours(&back, 0, 200), [(0, 30), (1, 90), (1, 150), (2, 200)]);
        // And forward from 02:00 to 03:00.
        let (forward, _) = calendar("2026-03-08T09:30:00Z", "America/Los_Angeles");
        assert_eq!(hours(&forward, 10, 100), [(1, 30), (3, 90), (4, 100)]);
        // Clocks on Lord Howe Island go back by half an hour, from 02:00 to 01:30.
        let (half, _) = calendar("2026-04-04T14:00:00Z", "Australia/Lord_Howe");
        assert_eq!(hours(&half, 0, 120), [(1, 60), (1, 90), (2, 120)]);
    }

    #[test]
    fn wall_clock_shows_the_zone_of_the_scenario() {
        let (calendar, _) = calendar("2026-11-27T18:00:00Z", "America/New_York");
        assert_eq!(calendar.start_second_of_day(), 13 * 3_600);
        assert_eq!(calendar.wall_clock(SimTime::from_nanos(10_000_000_000_000)), "15:46:40");
        assert_eq!(calendar.wall_clock(SimTime::from_nanos(40_000_000_000_000)), "2026-11-28 00:06:40");
        // As its duration is rounded.
        let at = SimTime::from_nanos(2_400_600_000_000);
        assert_eq!((at.to_string().as_str(), calendar.nearest_clock(at).as_str()), ("40 min 1 s", "13:40:01"));
        let fixed =
            Calendar::new("2026-11-27T18:00:00Z".parse().unwrap(), TimeZone::fixed(jiff::tz::Offset::constant(-5)));
        assert_eq!(fixed.zone_label(), "UTC-05:00");
    }
}
