//! How long to wait before something is tried again.

use std::time::Duration;

/// Pauses before attempts, each twice as long as the one before, or as long as the server asks for.
#[derive(Clone, Copy, Debug)]
pub struct Pauses {
    /// How often something is tried before it is given up; at least 1.
    pub attempts: u32,
    /// The first pause.
    pub first: Duration,
    /// The longest pause. A server that asks for a longer one is not waited for any longer than this.
    pub longest: Duration,
    /// Waits. It is a part of the settings so that tests need not.
    pub sleep: fn(Duration),
}

impl Default for Pauses {
    fn default() -> Self {
        Self {
            attempts: 6,
            first: Duration::from_millis(500),
            longest: Duration::from_secs(60),
            sleep: std::thread::sleep,
        }
    }
}

impl Pauses {
    /// Waits after a failed attempt, which is counted from 1. `asked` is the value of the answer's `Retry-After`.
    pub fn pause(&self, attempt: u32, asked: Option<&str>) {
        (self.sleep)(self.duration(attempt, asked));
    }

    fn duration(&self, attempt: u32, asked: Option<&str>) -> Duration {
        let doublings = attempt.saturating_sub(1).min(16);
        let own = self.first * 2_u32.pow(doublings);
        // The other form is a date, for which this machine's clock had to be right.
        let asked = asked.and_then(|text| text.trim().parse().ok());
        asked.map_or(own, Duration::from_secs).min(self.longest)
    }
}

/// Whether a status says that the same request may succeed later.
pub fn is_temporary(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_unless_the_server_asks_for_others() {
        let pauses = Pauses::default();
        let seconds = |attempt, asked| pauses.duration(attempt, asked).as_secs_f64();
        let found: Vec<_> = (1..=5).map(|attempt| seconds(attempt, None)).collect();
        assert_eq!(found, [0.5, 1.0, 2.0, 4.0, 8.0]);
        assert_eq!(seconds(40, None), 60.0);
        assert_eq!(seconds(1, Some(" 7 ")), 7.0);
        assert_eq!(seconds(1, Some("99999999999")), 60.0);
        assert_eq!(seconds(2, Some("Wed, 21 Oct 2026 07:28:00 GMT")), 1.0);
    }
}
