//! The date of a package in the forms that formats need, always in UTC.

/// A time, split into calendar fields.
struct Moment {
    year: i64,
    /// 1 to 12.
    month: usize,
    /// 1 to 31.
    day: i64,
    /// 0 is Sunday.
    weekday: usize,
    hour: i64,
    minute: i64,
    second: i64,
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

const SECONDS_PER_DAY: i64 = 86_400;
/// The Gregorian calendar repeats after 400 years.
const DAYS_PER_CYCLE: i64 = 146_097;
/// From 0000-03-01 to 1970-01-01. Years that start in March have their leap day at the end.
const DAYS_TO_EPOCH: i64 = 719_468;

impl Moment {
    fn of(date: i64) -> Self {
        let days = date.div_euclid(SECONDS_PER_DAY);
        let second = date.rem_euclid(SECONDS_PER_DAY);
        let since_start = days + DAYS_TO_EPOCH;
        let cycle = since_start.div_euclid(DAYS_PER_CYCLE);
        let day_of_cycle = since_start.rem_euclid(DAYS_PER_CYCLE);
        // Every 4th year has a leap day, every 100th does not, the 400th does.
        let leap_days = day_of_cycle / 1460 - day_of_cycle / 36_524 + day_of_cycle / 146_096;
        let year_of_cycle = (day_of_cycle - leap_days) / 365;
        let first_day = 365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100;
        let day_of_year = day_of_cycle - first_day;
        // From March on, months have 31, 30, 31, 30 and 31 days, over and over: 153 days for five.
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let is_next_year = month >= 10;
        Self {
            year: cycle * 400 + year_of_cycle + i64::from(is_next_year),
            month: if is_next_year { month - 9 } else { month + 3 } as usize,
            day,
            weekday: (days + 4).rem_euclid(7) as usize,
            hour: second / 3600,
            minute: second / 60 % 60,
            second: second % 60,
        }
    }
}

/// The year in the Gregorian calendar.
pub(crate) fn year(date: i64) -> i64 {
    Moment::of(date).year
}

/// In the form of MS-DOS, which zip uses: the date and the time, from 1980-01-01 to 2107-12-31; others become the nearest.
/// Odd seconds are rounded down.
pub(crate) fn dos(date: i64) -> (u16, u16) {
    let m = Moment::of(date);
    match m.year {
        ..1980 => (1 << 5 | 1, 0),
        2108.. => (127 << 9 | 12 << 5 | 31, 23 << 11 | 59 << 5 | 29),
        year => (
            ((year - 1980) << 9) as u16 | (m.month << 5) as u16 | m.day as u16,
            (m.hour << 11 | m.minute << 5 | (m.second / 2)) as u16,
        ),
    }
}

/// In the form of RFC 3339: `2026-01-02T03:04:05Z`.
pub(crate) fn rfc3339(date: i64) -> String {
    let m = Moment::of(date);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        m.year, m.month, m.day, m.hour, m.minute, m.second
    )
}

/// In the form of RFC 5322 and Debian's changelogs: `Fri, 02 Jan 2026 03:04:05 +0000`.
pub(crate) fn rfc5322(date: i64) -> String {
    let m = Moment::of(date);
    format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000",
        WEEKDAYS[m.weekday],
        m.day,
        MONTHS[m.month - 1],
        m.year,
        m.hour,
        m.minute,
        m.second
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs from `date -u -d @…`.
    #[test]
    fn dates_are_those_of_the_calendar() {
        for (date, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_799, "2000-02-29T23:59:59Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_767_323_045, "2026-01-02T03:04:05Z"),
            (4_102_444_799, "2099-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(date), text);
        }
        assert_eq!(rfc5322(1_767_323_045), "Fri, 02 Jan 2026 03:04:05 +0000");
        assert_eq!(rfc5322(0), "Thu, 01 Jan 1970 00:00:00 +0000");
    }

    #[test]
    fn dates_that_dos_cannot_hold_become_the_nearest() {
        let fields = |date| {
            let (date, time) = dos(date);
            let day = (1980 + (date >> 9), date >> 5 & 15, date & 31);
            (day, (time >> 11, time >> 5 & 63, time << 1 & 63))
        };
        assert_eq!(fields(1_767_323_045), ((2026, 1, 2), (3, 4, 4)));
        assert_eq!(fields(0), ((1980, 1, 1), (0, 0, 0)));
        assert_eq!(fields(315_532_799), ((1980, 1, 1), (0, 0, 0)));
        assert_eq!(fields(315_532_800), ((1980, 1, 1), (0, 0, 0)));
        let last = ((2107, 12, 31), (23, 59, 58));
        assert_eq!(fields(4_354_819_199), last);
        assert_eq!(fields(4_354_819_200), last);
        assert_eq!(fields(i64::from(u32::MAX) * 1000), last);
    }
}
