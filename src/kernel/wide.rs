//! Many draws and variates at once: the same numbers as [`super::draws`] and [`super::samplers`] give one by one, bit for
//! bit, computed side by side in vector registers; and what else is asked of many numbers at once.
//!
//! Everything here is a plain loop over arrays, compiled three times: for any processor, for AVX2 and for AVX-512. Which one
//! runs is asked of the processor, and changes no bit: the loops consist of integer arithmetic and of exactly rounded
//! `+ - * /` and `sqrt`, never of fused operations. Tests force each.
//!
//! The only file with `unsafe`: a function that was compiled for certain instructions may only be called where they exist, and a
//! hint to the processor is given by an instruction.
//!
//! Not here: what draws are for.

#![expect(unsafe_code, reason = "calling what was compiled for instructions that were asked for before; a hint")]

use super::draws::{Draws, MAX_STREAMS};
use super::elementary::{
    CENTRE_HALF, NEAR, exp, exp_minus_one_near, ln_of_normal, normal_centre, normal_near_tail, normal_tail,
};
use super::philox;
use crate::units::{SimDuration, SimTime};

/// How many stand side by side.
pub const WIDTH: usize = 128;

/// So many numbers.
pub type Reals = [f64; WIDTH];

/// So many spans or instants.
pub type Nanos = [u64; WIDTH];

/// The instructions that loops are compiled for: only ones that the processor was found to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instructions(Set);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    /// Those of any processor of the platform.
    Any,
    /// AVX2.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX-512 F, DQ and VL.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Instructions {
    /// The best that this processor has.
    pub fn best() -> Instructions {
        Self::all().pop().expect("there is always one")
    }

    /// All that this processor has, the best last.
    pub fn all() -> Vec<Instructions> {
        let mut all = vec![Instructions(Set::Any)];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") {
                all.push(Instructions(Set::Avx2));
            }
            if is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
            {
                all.push(Instructions(Set::Avx512));
            }
        }
        all
    }
}

/// Defines a function over arrays that runs the loop compiled for the given instructions.
macro_rules! wide {
    ($(#[$doc:meta])* pub fn $name:ident($($argument:ident: $type:ty),*) $body:block) => {
        $(#[$doc])*
        pub fn $name(instructions: Instructions, $($argument: $type),*) {
            #[inline(always)]
            fn plain($($argument: $type),*) $body

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2")]
            fn avx2($($argument: $type),*) { plain($($argument),*) }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512dq,avx512vl")]
            fn avx512($($argument: $type),*) { plain($($argument),*) }

            match instructions.0 {
                Set::Any => plain($($argument),*),
                // SAFETY: `Instructions` holds the value only where the processor was found to have them.
                #[cfg(target_arch = "x86_64")]
                Set::Avx2 => unsafe { avx2($($argument),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                Set::Avx512 => unsafe { avx512($($argument),*) },
            }
        }
    };
}

/// Asks for what will be needed soon, so that it is on its way from memory meanwhile. Changes nothing.
#[inline(always)]
pub fn fetch<T>(what: &T) {
    // SAFETY: a hint that reads nothing, and is one of the instructions of any processor of the platform.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(what).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = what;
}

/// Blocks of four words, side by side.
#[derive(Clone, Debug)]
pub struct Blocks {
    words: [[u32; WIDTH]; 4],
}

impl Default for Blocks {
    fn default() -> Self {
        Blocks { words: [[0; WIDTH]; 4] }
    }
}

/// Numbers of draws, side by side, as low and high words.
#[derive(Clone, Debug)]
pub struct Numbers {
    low: [u32; WIDTH],
    high: [u32; WIDTH],
}

impl Numbers {
    /// `first` and those that follow.
    pub fn from(first: u64) -> Numbers {
        Numbers::of(|index| first.wrapping_add(index as u64))
    }

    /// The number at a place.
    #[inline]
    pub fn get(&self, index: usize) -> u64 {
        u64::from(self.high[index]) << 32 | u64::from(self.low[index])
    }

    /// Any.
    pub fn of(number: impl Fn(usize) -> u64) -> Numbers {
        let mut numbers = Numbers { low: [0; WIDTH], high: [0; WIDTH] };
        for index in 0..WIDTH {
            let number = number(index);
            (numbers.low[index], numbers.high[index]) = (number as u32, (number >> 32) as u32);
        }
        numbers
    }
}

impl Blocks {
    /// Fills in the blocks of a stream and purpose for these numbers.
    ///
    /// # Panics
    /// When `stream` exceeds 24 bits.
    pub fn draw(&mut self, how: Instructions, draws: &Draws, stream: u32, purpose: u8, numbers: &Numbers) {
        assert!(stream < MAX_STREAMS, "a stream fits into 24 bits");
        let (source, replication, key) = (stream << 8 | u32::from(purpose), draws.replication(), draws.key());
        philox_blocks(how, &mut self.words, numbers, [source, replication], key);
    }

    /// Puts one block, drawn alone, in its place.
    pub fn set(&mut self, place: usize, block: [u32; 4]) {
        for (words, word) in self.words.iter_mut().zip(block) {
            words[place] = word;
        }
    }

    /// Word `index` of each block.
    pub fn bits32(&self, index: usize) -> &[u32; WIDTH] {
        &self.words[index]
    }

    /// Uniform number `index` (0 or 1) of each block, strictly between 0 and 1.
    pub fn uniform(&self, how: Instructions, index: usize, into: &mut Reals) {
        uniforms(how, &self.words[2 * index], &self.words[2 * index + 1], into);
    }
}

wide! {
    /// Blocks of Philox4x32-10 for these numbers.
    pub fn philox_blocks(words: &mut [[u32; WIDTH]; 4], numbers: &Numbers, rest: [u32; 2], key: [u32; 2]) {
        let [first, second, third, fourth] = words;
        for index in 0..WIDTH {
            let block = philox::block([numbers.low[index], numbers.high[index], rest[0], rest[1]], key);
            [first[index], second[index], third[index], fourth[index]] = block;
        }
    }
}

wide! {
    /// Uniform numbers of 52 bits, as in [`super::draws::Block::uniform`].
    pub fn uniforms(low: &[u32; WIDTH], high: &[u32; WIDTH], into: &mut Reals) {
        // 1 + k 2⁻⁵² by its bits, less 1 − 2⁻⁵³: (k + ½) 2⁻⁵², exactly.
        const LESS: f64 = 1.0 - 0.5 / (1u64 << 52) as f64;
        for index in 0..WIDTH {
            let k = u64::from(high[index]) << 20 | u64::from(low[index] >> 12);
            into[index] = f64::from_bits(1.0f64.to_bits() | k) - LESS;
        }
    }
}

wide! {
    /// Uniform numbers into exponential variates of mean 1.
    pub fn exponentials(values: &mut Reals) {
        for value in values {
            *value = -ln_of_normal(*value);
        }
    }
}

wide! {
    /// Numbers into their exponentials.
    pub fn exponents(values: &mut Reals) {
        for value in values {
            *value = exp(*value);
        }
    }
}

wide! {
    /// Each number times one number, and another added.
    pub fn lines(values: &mut Reals, offset: f64, slope: f64) {
        for value in values {
            *value = offset + slope * *value;
        }
    }
}

wide! {
    /// Logarithms of 1 − U, for parts U of a whole, into the parts.
    pub fn parts_of(values: &mut Reals, whole: f64) {
        for value in values {
            let (near, far) = (exp_minus_one_near(*value), exp(*value) - 1.0);
            *value = -(if (-NEAR..=NEAR).contains(value) { near } else { far }) * whole;
        }
    }
}

wide! {
    /// When an even rate reaches levels, in nanoseconds rounded up, at most `most`: `begin` is the level at zero.
    pub fn instants(levels: &Reals, begin: f64, rate: f64, unit: f64, most: u64, into: &mut Nanos) {
        for index in 0..WIDTH {
            into[index] = (((levels[index] - begin).max(0.0) / rate * unit).ceil() as u64).min(most);
        }
    }
}

wide! {
    /// Spans in seconds into nanoseconds, rounded up.
    pub fn nanos(seconds: &Reals, into: &mut Nanos) {
        for index in 0..WIDTH {
            into[index] = SimDuration::from_secs_f64_up(seconds[index]).as_nanos();
        }
    }
}

wide! {
    /// The earliest of some instants; [`SimTime::MAX`] of none.
    pub fn earliest(instants: &[SimTime], into: &mut SimTime) {
        *into = instants.iter().fold(SimTime::MAX, |least, at| least.min(*at));
    }
}

wide! {
    /// Uniform numbers into normal variates, right but for the farthest tails.
    pub fn near_normals(values: &mut Reals) {
        for value in values {
            let q = *value - 0.5;
            let (centre, tail) = (normal_centre(q), normal_near_tail(*value));
            *value = if q.abs() <= CENTRE_HALF { centre } else { tail };
        }
    }
}

wide! {
    /// Logarithms of spans in seconds into the seconds, added up where there are two.
    pub fn spans(first: &mut Reals, second: &Reals) {
        for index in 0..WIDTH {
            first[index] = exp(first[index]) + exp(second[index]);
        }
    }
}

/// Uniform numbers into standard normal variates.
pub fn normals(how: Instructions, values: &mut Reals) {
    /// Below this the tail has another formula: e⁻²⁵ rounded up.
    const FAR: f64 = 1.4e-11;
    let uniforms = *values;
    near_normals(how, values);
    let is_far = |p: f64| p < FAR || 1.0 - p < FAR;
    if uniforms.iter().fold(false, |any, p| any | is_far(*p)) {
        for (value, p) in values.iter_mut().zip(uniforms) {
            if is_far(p) {
                *value = normal_tail(p);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::elementary::{exp_minus_one, inverse_normal, ln};

    /// Aim: what is computed side by side has the bits of what is computed alone, with each set of instructions. Method: both,
    /// on draws and on the ends of the ranges.
    #[test]
    fn all_instructions_give_the_bits_of_one_by_one() {
        let draws = Draws::new(0x0123_4567_89ab_cdef, 7);
        let instructions = Instructions::all();
        println!("{instructions:?}");
        for how in instructions {
            for first in [0, 1_000, u64::from(u32::MAX) - 50, 1 << 47] {
                let mut blocks = Blocks::default();
                blocks.draw(how, &draws, 77, 9, &Numbers::from(first));
                let alone = |index: usize| draws.block(77, 9, first + index as u64);
                for half in [0, 1] {
                    let mut uniforms = [0.0; WIDTH];
                    blocks.uniform(how, half, &mut uniforms);
                    let check = |name: &str, values: &Reals, one: &dyn Fn(f64) -> f64| {
                        for (index, value) in values.iter().enumerate() {
                            let wanted = one(alone(index).uniform(half));
                            assert_eq!(value.to_bits(), wanted.to_bits(), "{name} {index} by {how:?}");
                        }
                    };
                    check("uniform", &uniforms, &|u| u);
                    let mut values = uniforms;
                    exponentials(how, &mut values);
                    check("exponential", &values, &|u| -ln(u));
                    let mut values = uniforms;
                    normals(how, &mut values);
                    check("normal", &values, &inverse_normal);
                    lines(how, &mut values, 0.9, 0.8);
                    check("line", &values, &|u| 0.9 + 0.8 * inverse_normal(u));
                    exponents(how, &mut values);
                    check("log-normal", &values, &|u| exp(0.9 + 0.8 * inverse_normal(u)));
                    let spans: Vec<u64> =
                        values.iter().map(|span| SimDuration::from_secs_f64_up(*span).as_nanos()).collect();
                    let mut whole = [0; WIDTH];
                    nanos(how, &values, &mut whole);
                    assert_eq!(whole.as_slice(), spans, "spans by {how:?}");
                    let mut values = uniforms;
                    values.iter_mut().for_each(|u| *u = ln(*u));
                    parts_of(how, &mut values, 3e9);
                    check("part", &values, &|u| -exp_minus_one(ln(u)) * 3e9);
                    let at = |level: f64| (((level - 0.25).max(0.0) / 0.3 * 1e9).ceil() as u64).min(2_000_000_000);
                    instants(how, &uniforms, 0.25, 0.3, 1e9, 2_000_000_000, &mut whole);
                    assert_eq!(whole, uniforms.map(at), "instants by {how:?}");
                }
                for word in 0..4 {
                    let alone: Vec<u32> = (0..WIDTH).map(|index| alone(index).bits32(word)).collect();
                    assert_eq!(blocks.bits32(word).as_slice(), alone);
                }
            }
        }
    }

    #[test]
    fn the_ends_of_the_ranges_are_the_same_too() {
        let ends = [
            f64::EPSILON / 2.0,
            1e-15,
            1e-12,
            1.38e-11,
            1.389e-11,
            1.4e-11,
            1e-9,
            0.074_999,
            0.075,
            0.075_001,
            0.5,
            0.924_999,
            0.925,
            0.925_001,
            1.0 - 1e-12,
            1.0 - f64::EPSILON / 2.0,
        ];
        let spans = [0.0, 1e-10, 1e-9, 1.000_000_000_4, 1e9, 1.9e10, 1e300, f64::INFINITY];
        let exponents_of = [-1e9, -701.0, -700.0, -1.0, 0.0, 1e-300, 0.346, 700.0, 701.0, 1e9];
        for how in Instructions::all() {
            let mut values = [0.5; WIDTH];
            values[..ends.len()].copy_from_slice(&ends);
            normals(how, &mut values);
            let wanted: Vec<u64> = ends.iter().map(|p| inverse_normal(*p).to_bits()).collect();
            assert_eq!(values[..ends.len()].iter().map(|value| value.to_bits()).collect::<Vec<_>>(), wanted, "{how:?}");
            let (mut values, mut whole) = ([0.0; WIDTH], [0; WIDTH]);
            values[..spans.len()].copy_from_slice(&spans);
            nanos(how, &values, &mut whole);
            let wanted = spans.map(|span| SimDuration::from_secs_f64_up(span).as_nanos());
            assert_eq!(whole[..spans.len()], wanted, "{how:?}");
            for count in [0, 1, 7, 8, 21, 100] {
                let instants: Vec<SimTime> =
                    (0..count).map(|n| SimTime::from_nanos((u64::MAX - n * 7_919 % 101) << 57)).collect();
                let mut least = SimTime::ZERO;
                earliest(how, &instants, &mut least);
                assert_eq!(least, instants.iter().copied().min().unwrap_or(SimTime::MAX), "{count} by {how:?}");
            }
            let mut values = [0.0; WIDTH];
            values[..exponents_of.len()].copy_from_slice(&exponents_of);
            exponents(how, &mut values);
            let wanted: Vec<u64> = exponents_of.iter().map(|x| exp(*x).to_bits()).collect();
            assert_eq!(
                values[..wanted.len()].iter().map(|value| value.to_bits()).collect::<Vec<_>>(),
                wanted,
                "{how:?}"
            );
        }
    }
}
