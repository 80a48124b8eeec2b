use super::*;

/// Numbers that only the seed decides (SplitMix64, Steele et al. 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to 1.
    fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// With a standard deviation of 1: the sum of twelve (Irwin and Hall).
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

/// The memory of a program, a sample a second.
#[derive(Clone, Copy)]
struct Program {
    /// Bytes a second.
    leak: f64,
    /// The standard deviation of what requests hold, in bytes.
    noise: f64,
    /// How much of it is the same a second later.
    memory: f64,
    /// The standard deviation of a step of the heap, in bytes, that nothing takes back.
    walk: f64,
    /// A collector of garbage frees this much, in bytes, after as many seconds.
    sawtooth: (f64, f64),
    /// What is loaded in the beginning, in bytes, and the seconds in which all but a third is.
    cache: (f64, f64),
}

/// What a service of 30 MB with a few requests at a time looks like.
const QUIET: Program = Program {
    leak: 0.0,
    noise: 20_000.0,
    memory: 0.5,
    walk: 0.0,
    sawtooth: (0.0, 1.0),
    cache: (0.0, 1.0),
};

/// 10 kB a minute.
const SLOW_LEAK: f64 = 10_000.0 / 60.0;

/// The default limit of the gate, in bytes per hour.
const LIMIT: f64 = 100_000.0;

impl Program {
    /// The samples of some seconds, in pages of 4 KiB, with the first fifth taken off.
    fn run(self, seconds: usize, seed: u64) -> Vec<(f64, f64)> {
        let mut random = Random(seed);
        let (mut held, mut heap) = (0.0, 30e6);
        let mut points = Vec::new();
        for second in 0..seconds {
            let time = second as f64;
            held = self.memory * held + (1.0 - self.memory.powi(2)).sqrt() * random.normal();
            heap += self.walk * random.normal() + self.leak;
            let garbage = self.sawtooth.0 * (time / self.sawtooth.1).fract();
            let cached = self.cache.0 * (1.0 - (-time / self.cache.1).exp());
            // One in fifty samples meets a large request.
            let large = if random.uniform() < 0.02 { 500e3 } else { 0.0 };
            let bytes = heap + self.noise * held + garbage + cached + large * random.uniform();
            points.push((time, (bytes / 4096.0).floor() * 4096.0));
        }
        points.split_off(seconds / 5)
    }

    /// In how many of a thousand runs a leak is seen.
    fn seen(self, seconds: usize) -> usize {
        let seen = |seed: &u64| {
            let points = self.run(seconds, 1000 * seed);
            let found = trend(&points, ONCE).expect("enough samples");
            found.exceeds(LIMIT)
        };
        (0..1000).filter(seen).count()
    }
}

#[test]
fn ten_kilobytes_a_minute_are_found_within_ten_minutes() {
    let leak = SLOW_LEAK;
    let found = Program { leak, ..QUIET }.seen(600);
    assert!(found >= 990, "{found} of 1000");
}

#[test]
fn a_megabyte_a_second_is_found_within_a_minute_or_two() {
    let leak = 1e6;
    let points = Program { leak, ..QUIET }.run(75, 1);
    let found = trend(&points, REPEATED).expect("enough samples");
    assert!(
        found.exceeds(LIMIT) && (3.5e9..3.7e9).contains(&found.per_hour),
        "{found}"
    );
}

#[test]
fn a_steady_program_is_not_taken_for_one_that_leaks() {
    assert_eq!(QUIET.seen(600), 0);
}

#[test]
fn a_cache_that_has_filled_is_no_leak() {
    let cache = (5e6, 60.0);
    assert_eq!(Program { cache, ..QUIET }.seen(600), 0);
}

#[test]
fn one_step_is_no_leak() {
    for step in [200, 300, 400] {
        let value = |n: u32| if n < step { 5.0 } else { 6.0 };
        let points: Vec<_> = (0..600).map(|n| (f64::from(n), value(n))).collect();
        let found = trend(&points, ONCE).expect("enough samples");
        assert!(!found.exceeds(1.0), "{step}: {found}");
    }
}

#[test]
fn a_line_has_its_slope_and_nothing_else() {
    let line = |rise: f64| -> Vec<(f64, f64)> {
        (0..100)
            .map(|n| (f64::from(n), 7.0 + rise * f64::from(n)))
            .collect()
    };
    for rise in [0.0, 1.0, -2.0] {
        let found = trend(&line(rise), ONCE).expect("enough samples");
        let expected = 3600.0 * rise;
        for rate in [
            found.per_hour,
            found.low_per_hour,
            found.high_per_hour,
            found.late_per_hour,
        ] {
            assert!((rate - expected).abs() < 1e-6, "{found}");
        }
        assert_eq!(found.exceeds(0.0), rise > 0.0);
        assert_eq!((found.from_seconds, found.to_seconds), (0.0, 99.0));
    }
    assert_eq!(trend(&line(1.0)[..MIN_SAMPLES - 1], ONCE), None);
    assert_eq!(trend(&[(5.0, 1.0); 100], ONCE), None);
    assert_eq!(trend(&[], ONCE), None);
}

#[test]
fn a_quarter_of_wild_samples_changes_little() {
    let mut points: Vec<_> = (0..600).map(|n| (f64::from(n), f64::from(n))).collect();
    let clean = trend(&points, ONCE).expect("enough samples").per_hour;
    for block in points.chunks_mut(10) {
        block[3].1 = 1e9;
        block[7].1 = -1e9;
    }
    let wild = trend(&points, ONCE).expect("enough samples").per_hour;
    assert!((wild / clean - 1.0).abs() < 0.05, "{wild} {clean}");
}

#[test]
fn the_quantiles_are_those_of_the_tables() {
    // Of 0.9995, from tables of Student's distribution.
    for (freedom, expected) in [(10.0, 4.587), (30.0, 3.646), (100.0, 3.390)] {
        let found = student(ONCE.quantile, freedom);
        assert!((found - expected).abs() < 0.07, "{freedom}: {found}");
    }
}

#[test]
fn the_middle_of_an_even_number_is_between_two() {
    assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
    assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
    assert_eq!(median(Vec::new()), 0.0);
}

/// In how many of a thousand soaks of an hour a leak is seen by one of the looks while they run.
fn seen_on_the_way(program: Program) -> usize {
    let seen = |seed: &u64| {
        let points = program.run(3600, 1000 * seed);
        // The first fifth is no time for leaks.
        let mut at = 720;
        while at <= points.len() {
            let found = trend(&points[at / 5..at], REPEATED).expect("enough samples");
            if found.exceeds(LIMIT) {
                return true;
            }
            at += at / 4;
        }
        false
    };
    (0..1000).filter(seen).count()
}

#[test]
#[ignore = "it prints the table of docs/soak.md, and takes minutes"]
fn table() {
    let rows = [
        ("noise of 20 kB", QUIET),
        (
            "noise of 40 kB, more alike",
            Program {
                noise: 40e3,
                memory: 0.7,
                ..QUIET
            },
        ),
        (
            "noise of 40 kB, much alike",
            Program {
                noise: 40e3,
                memory: 0.9,
                ..QUIET
            },
        ),
        (
            "noise of 100 kB",
            Program {
                noise: 100e3,
                ..QUIET
            },
        ),
        (
            "a heap that walks by a page a second",
            Program {
                walk: 4096.0,
                ..QUIET
            },
        ),
        (
            "a collector that frees 1 MB every 30 s",
            Program {
                sawtooth: (1e6, 30.0),
                ..QUIET
            },
        ),
        (
            "a collector that frees 1 MB every 5 min",
            Program {
                sawtooth: (1e6, 300.0),
                ..QUIET
            },
        ),
        (
            "a cache of 5 MB, two thirds of it full after 1 min",
            Program {
                cache: (5e6, 60.0),
                ..QUIET
            },
        ),
        (
            "a cache of 5 MB, two thirds of it full after 2 min",
            Program {
                cache: (5e6, 120.0),
                ..QUIET
            },
        ),
    ];
    for (name, program) in rows {
        let with = |factor: f64, seconds: usize| {
            let leak = factor * SLOW_LEAK;
            Program { leak, ..program }.seen(seconds)
        };
        eprintln!(
            "| {name} | {} | {} | {} | {} | {} |",
            with(0.0, 600),
            with(1.0, 600),
            with(2.0, 600),
            with(1.0, 1200),
            seen_on_the_way(program)
        );
    }
}
