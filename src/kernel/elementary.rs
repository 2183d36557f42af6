//! Logarithm, exponential and inverse normal built from IEEE 754 `+ - * /` and `sqrt` alone, all of which are exactly
//! rounded everywhere. The standard library's versions are left to the platform, and so may differ in the last bit
//! between machines and versions; a simulation whose bytes must be the same everywhere cannot use them.
//!
//! Accuracy is a few units in the last place over the ranges used here; tests compare with the platform's functions.
//! No fused multiply-add: its result differs from a product and a sum.

/// ln 2 in two parts: the first has 32 trailing zero bits, so that k times it is exact for |k| < 2¹¹.
const LN2_HIGH: f64 = f64::from_bits(0x3FE6_2E42_FEE0_0000);
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// 1.5 · 2⁵²: adding and taking it away rounds to a whole number, and the lowest bits of the sum are that number's.
const ROUNDER: f64 = 6_755_399_441_055_744.0;

/// The natural logarithm of a positive normal number: x = 2ᵏ m with m in [√½, √2), ln m = 2 artanh((m − 1)/(m + 1)).
///
/// # Panics
/// When `x` is not a positive normal finite number.
#[inline]
pub fn ln(x: f64) -> f64 {
    assert!(x.is_normal() && x > 0.0, "the logarithm is taken of positive normal numbers");
    ln_of_normal(x)
}

/// [`ln`] where it is known that `x` is positive and normal: without branches, so that many fit side by side.
#[inline(always)]
pub(super) fn ln_of_normal(x: f64) -> f64 {
    // The exponent that leaves a mantissa of √½ and more, without a branch that chance decides.
    let exponent = (x.to_bits().wrapping_sub(std::f64::consts::FRAC_1_SQRT_2.to_bits()) as i64) >> 52;
    let mantissa = f64::from_bits(x.to_bits().wrapping_sub((exponent as u64) << 52));
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let (z2, z4) = (square * square, square * square * (square * square));
    // 1/3 + z/5 + z²/7 + ... for z = s² ≤ 0.0295, in pairs: the first term left out is below 10⁻¹⁸.
    let pair = |first: f64| 1.0 / first + square * (1.0 / (first + 2.0));
    let series = (pair(3.0) + pair(7.0) * z2)
        + (pair(11.0) + pair(15.0) * z2) * z4
        + (pair(19.0) + (1.0 / 23.0) * z2) * (z4 * z4);
    // The exponent as a number; not every processor converts 64 bits at once.
    let k = f64::from_bits(ROUNDER.to_bits().wrapping_add(exponent as u64)) - ROUNDER;
    k * LN2_HIGH + (2.0 * s + (2.0 * s * square * series + k * LN2_LOW))
}

/// The exponential of `x`: 2ᵏ eʳ with |r| ≤ ln 2 / 2. Zero below −700 and capped at e⁷⁰⁰ above 700.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    let least = x < -700.0;
    let x = if x > 700.0 { 700.0 } else { x };
    let rounded = x * std::f64::consts::LOG2_E + ROUNDER;
    let k = rounded - ROUNDER;
    let r = (x - k * LN2_HIGH) - k * LN2_LOW;
    let power = f64::from_bits(rounded.to_bits().wrapping_shl(52).wrapping_add(1.0f64.to_bits()));
    let value = power * (1.0 + exp_minus_one_near(r));
    if least { 0.0 } else { value }
}

/// eˣ − 1 without loss of digits near zero.
#[inline]
pub fn exp_minus_one(x: f64) -> f64 {
    if (-NEAR..=NEAR).contains(&x) { exp_minus_one_near(x) } else { exp(x) - 1.0 }
}

/// So near to zero digits would be lost.
pub(super) const NEAR: f64 = 0.35;

/// 1/2!, 1/3!, ... 1/14!
const FACTORIALS: [f64; 13] = {
    let mut inverse = [0.5; 13];
    let (mut n, mut factorial) = (1, 2.0);
    while n < 13 {
        factorial *= (n + 2) as f64;
        inverse[n] = 1.0 / factorial;
        n += 1;
    }
    inverse
};

/// The Taylor series of eʳ − 1 for |r| ≤ 0.36, in pairs: the first term left out is below 10⁻¹⁷ of the result.
#[inline(always)]
pub(super) fn exp_minus_one_near(r: f64) -> f64 {
    let (r2, r4) = (r * r, r * r * (r * r));
    let pair = |n: usize| FACTORIALS[n] + FACTORIALS[n + 1] * r;
    let low = (pair(0) + pair(2) * r2) + (pair(4) + pair(6) * r2) * r4;
    let high = (pair(8) + pair(10) * r2) + FACTORIALS[12] * r4;
    r + r2 * (low + high * (r4 * r4))
}

/// The quantile of the standard normal distribution for `p` in (0, 1).
///
/// Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37 (1988),
/// routine PPND16; relative accuracy about 10⁻¹⁶.
///
/// # Panics
/// When `p` does not lie strictly between 0 and 1.
#[inline]
pub fn inverse_normal(p: f64) -> f64 {
    assert!(p > 0.0 && p < 1.0, "a probability strictly between 0 and 1");
    let q = p - 0.5;
    if q.abs() <= CENTRE_HALF { normal_centre(q) } else { normal_tail(p) }
}

/// Half the width of the part that the centre's formula covers.
pub(super) const CENTRE_HALF: f64 = 0.425;

/// The quantile of ½ + q for |q| up to [`CENTRE_HALF`].
#[inline(always)]
pub(super) fn normal_centre(q: f64) -> f64 {
    let r = 0.180_625 - q * q;
    q * ratio(r, &CENTRE)
}

/// The quantile of `p` outside the centre.
#[inline]
pub(super) fn normal_tail(p: f64) -> f64 {
    let q = p - 0.5;
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let r = (-ln_of_normal(tail)).sqrt();
    let magnitude = if r <= 5.0 { ratio(r - 1.6, &MIDDLE) } else { ratio(r - 5.0, &FAR) };
    if q < 0.0 { -magnitude } else { magnitude }
}

/// [`normal_tail`] of the nearer part, for p and 1 − p above 2⁻³⁶; elsewhere it is wrong.
#[inline(always)]
pub(super) fn normal_near_tail(p: f64) -> f64 {
    let q = p - 0.5;
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let magnitude = ratio((-ln_of_normal(tail)).sqrt() - 1.6, &MIDDLE);
    if q < 0.0 { -magnitude } else { magnitude }
}

/// Numerator and denominator coefficients, lowest power first.
type Rational = ([f64; 8], [f64; 8]);

#[inline(always)]
fn ratio(r: f64, (numerator, denominator): &Rational) -> f64 {
    let (r2, r4) = (r * r, r * r * (r * r));
    let polynomial =
        |c: &[f64; 8]| ((c[0] + c[1] * r) + (c[2] + c[3] * r) * r2) + ((c[4] + c[5] * r) + (c[6] + c[7] * r) * r2) * r4;
    polynomial(numerator) / polynomial(denominator)
}

const CENTRE: Rational = (
    [
        3.387_132_872_796_366_5,
        133.141_667_891_784_38,
        1_971.590_950_306_551_3,
        13_731.693_765_509_46,
        45_921.953_931_549_87,
        67_265.770_927_008_7,
        33_430.575_583_588_13,
        2_509.080_928_730_122_7,
    ],
    [
        1.0,
        42.313_330_701_600_91,
        687.187_007_492_057_9,
        5_394.196_021_424_751,
        21_213.794_301_586_597,
        39_307.895_800_092_71,
        28_729.085_735_721_943,
        5_226.495_278_852_545,
    ],
);

const MIDDLE: Rational = (
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        0.241_780_725_177_450_6,
        0.022_723_844_989_269_184,
        7.745_450_142_783_414e-4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        0.689_767_334_985_1,
        0.148_103_976_427_480_08,
        0.015_198_666_563_616_457,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_8e-9,
    ],
);

const FAR: Rational = (
    [
        6.657_904_643_501_104,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        0.296_560_571_828_504_9,
        0.026_532_189_526_576_124,
        0.001_242_660_947_388_078_4,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
    [
        1.0,
        0.599_832_206_555_888,
        0.136_929_880_922_735_8,
        0.014_875_361_290_850_615,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ],
);

#[cfg(test)]
mod tests {
    use super::*;

    /// The platform's functions are accurate to about one unit in the last place, which is all that is asked here.
    #[test]
    fn agrees_with_the_platform() {
        for n in 1..200_000u64 {
            let u = n as f64 / 200_000.0;
            for x in [u, u * 1e-12, u * 1e9] {
                assert!((ln(x) - x.ln()).abs() <= 4e-16 * x.ln().abs().max(1e-3), "ln {x}");
            }
            let x = (u - 0.5) * 100.0;
            assert!((exp(x) / x.exp() - 1.0).abs() < 4e-16 * 2.0, "exp {x}");
            let y = (u - 0.5) * 2.0;
            assert!((exp_minus_one(y) - y.exp_m1()).abs() <= 8e-16 * y.exp_m1().abs(), "exp_m1 {y}");
        }
        assert_eq!(ln(1.0), 0.0);
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(-1e9), 0.0);
    }

    /// Quantiles as printed in Wichura's paper and in common tables to ten digits.
    #[test]
    fn inverse_normal_agrees_with_printed_tables() {
        for (p, z) in [
            (0.25, -0.674_489_750_2),
            (0.001, -3.090_232_306_2),
            (1e-20, -9.262_340_089_8),
            (0.975, 1.959_963_984_5),
            (0.5, 0.0),
            (0.95, 1.644_853_627_0),
            (0.999_5, 3.290_526_731_5),
        ] {
            assert!((inverse_normal(p) - z).abs() < 1e-9, "{p}: {}", inverse_normal(p));
        }
        for n in 1..1_000 {
            let p = f64::from(n) / 1_000.0;
            assert!((inverse_normal(p) + inverse_normal(1.0 - p)).abs() < 1e-12, "symmetry at {p}");
        }
    }
}
