//! Changes that readers may take badly: other bits, other numbers, parts that are missing, doubled or from elsewhere.

/// Numbers that can be repeated: xorshift.
pub struct Rng(u64);

impl Rng {
    /// Equal seeds give equal numbers.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below a limit; 0 for the limit 0.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 16) as usize % limit.max(1)
    }
}

/// No input grows beyond this, or time would go into copying.
const MAX_INPUT: usize = 1 << 20;

/// What lengths, counts and offsets are checked against.
const NUMBERS: [u64; 12] = [
    0,
    1,
    2,
    0x7f,
    0xff,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    0x1_0000_0000,
    i64::MAX as u64,
    u64::MAX,
];

/// One of the inputs with up to four changes.
pub fn mutate(rng: &mut Rng, inputs: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = inputs[rng.below(inputs.len())].clone();
    for _ in 0..=rng.below(4) {
        let other = &inputs[rng.below(inputs.len())];
        change(rng, &mut bytes, other);
    }
    bytes.truncate(MAX_INPUT);
    bytes
}

fn change(rng: &mut Rng, bytes: &mut Vec<u8>, other: &[u8]) {
    let at = rng.below(bytes.len());
    let length = 1 + rng.below(64);
    let end = (at + length).min(bytes.len());
    match rng.below(9) {
        0 | 1 if !bytes.is_empty() => bytes[at] ^= 1 << rng.below(8),
        2 | 3 => number(rng, &mut bytes[at..]),
        4 => digits(rng, &mut bytes[at..]),
        5 => drop(bytes.drain(at..end)),
        6 => {
            let part = bytes[at..end].to_vec();
            let to = rng.below(bytes.len());
            bytes.splice(to..to, part);
        }
        7 => {
            let from = rng.below(other.len());
            let part = &other[from..(from + length).min(other.len())];
            bytes.splice(at..end, part.iter().copied());
        }
        _ => bytes.truncate(at),
    }
}

/// Puts a number there: of one, two, four or eight bytes, in either order, or a little more or less than what is there.
fn number(rng: &mut Rng, bytes: &mut [u8]) {
    let size = 1 << rng.below(4);
    let Some(place) = bytes.get_mut(..size) else {
        return;
    };
    if rng.below(3) == 0 {
        let step = [1, u8::MAX][rng.below(2)];
        place[0] = place[0].wrapping_add(step);
        return;
    }
    let number = NUMBERS[rng.below(NUMBERS.len())];
    match rng.below(2) {
        0 => place.copy_from_slice(&number.to_le_bytes()[..size]),
        _ => place.copy_from_slice(&number.to_be_bytes()[8 - size..]),
    }
}

/// Makes the next digits others.
fn digits(rng: &mut Rng, bytes: &mut [u8]) {
    let from = bytes.iter().position(u8::is_ascii_digit);
    let from = from.unwrap_or(bytes.len());
    let digits = bytes[from..].iter_mut();
    let new = b"0179"[rng.below(4)];
    digits
        .take_while(|byte| byte.is_ascii_digit())
        .for_each(|byte| *byte = new);
}
