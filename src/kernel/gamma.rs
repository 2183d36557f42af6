//! The gamma distribution by inversion: its distribution function by series and continued fraction, its quantile by
//! Newton's method. Built on [`super::elementary`] alone, so that bits do not depend on the platform.

use super::elementary::{exp, inverse_normal, ln};

/// ½ ln 2π.
const HALF_LN_TAU: f64 = 0.918_938_533_204_672_7;
/// Above this shape the law is so close to normal that Wilson and Hilferty's cube is right to about 1 in 10⁸, while the
/// series takes thousands of terms.
const SHAPE_BY_CUBE: f64 = 1e6;
/// Newton's method takes about ten steps, and a step of one standard deviation each far out in the upper tail.
const STEPS_MAX: u32 = 200;
/// Relative accuracy of the quantile.
const TOLERANCE: f64 = 1e-12;

/// A gamma variate of mean 1: the quantile at `uniform` of the law with this shape, divided by the shape.
///
/// # Panics
/// When `shape` is not positive and finite, or `uniform` does not lie strictly between 0 and 1.
pub fn gamma_of_mean_one(shape: f64, uniform: f64) -> f64 {
    assert!(shape > 0.0 && shape.is_finite(), "a shape is positive");
    let cube = wilson_hilferty(shape, uniform);
    if shape > SHAPE_BY_CUBE {
        return cube;
    }
    // P(k, x) ≤ xᵏ / Γ(k + 1), so the root lies to the right of this.
    let least = (ln(uniform) + ln_gamma(shape + 1.0)) / shape;
    let mut y = if cube > 0.0 && shape >= 1.0 { least.max(ln(cube * shape)) } else { least };
    // ln P is a concave function of y = ln x, because the density of y is log-concave: from the left Newton's method goes
    // right all the way, and from the right one step leads to the left.
    let goal = ln(uniform);
    for step_number in 0..STEPS_MAX {
        let (below, slope) = distribution(shape, y);
        let step = (goal - ln(below)) * below / slope;
        // A step back after the first is nothing but rounding.
        if step_number > 0 && step <= 0.0 {
            break;
        }
        y += step;
        if step.abs() <= TOLERANCE {
            break;
        }
    }
    exp(y) / shape
}

/// Wilson and Hilferty's approximation of the quantile by the mean: (1 − 1/9k + z / 3√k)³. Source: "The distribution of
/// chi-square", PNAS 17 (1931).
fn wilson_hilferty(shape: f64, uniform: f64) -> f64 {
    let root = 1.0 - 1.0 / (9.0 * shape) + inverse_normal(uniform) / (3.0 * shape.sqrt());
    root * root * root
}

/// The regularised lower incomplete gamma function P(k, eʸ) and its derivative by y. Sources: DLMF 8.7.1 (series) and 8.9.2
/// (continued fraction).
fn distribution(shape: f64, y: f64) -> (f64, f64) {
    let x = exp(y);
    // xᵏ e⁻ˣ / Γ(k + 1); the derivative by y is k times that.
    let front = exp(shape * y - x - ln_gamma(shape + 1.0));
    let below = if x < shape + 1.0 { front * series(shape, x) } else { 1.0 - front * shape * fraction(shape, x) };
    (below.max(f64::MIN_POSITIVE), (front * shape).max(f64::MIN_POSITIVE))
}

/// 1 + x/(k + 1) + x²/((k + 1)(k + 2)) + ...
fn series(shape: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut n) = (1.0, 1.0, shape);
    while term > sum * 1e-17 {
        n += 1.0;
        term *= x / n;
        sum += term;
    }
    sum
}

/// 1/(x + 1 − k − 1(1 − k)/(x + 3 − k − 2(2 − k)/(x + 5 − k − ...))), by Lentz's method as modified by Thompson and Barnett.
fn fraction(shape: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let kept_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut b = x + 1.0 - shape;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / kept_from_zero(b);
    let mut value = d;
    for n in 1..100_000 {
        let n = f64::from(n);
        let a = -n * (n - shape);
        b += 2.0;
        d = 1.0 / kept_from_zero(a * d + b);
        c = kept_from_zero(b + a / c);
        value *= c * d;
        if (c * d - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

/// ln Γ(x) for positive x: Stirling's series (DLMF 5.11.1) from 12 on, below it by Γ(x + 1) = x Γ(x).
fn ln_gamma(x: f64) -> f64 {
    let (mut x, mut product) = (x, 1.0);
    while x < 12.0 {
        product *= x;
        x += 1.0;
    }
    let inverse = 1.0 / x;
    let square = inverse * inverse;
    // B₂ₙ / 2n(2n − 1): the first term left out is below 10⁻¹⁷.
    let mut sum = 0.0;
    for coefficient in
        [1.0 / 156.0, -691.0 / 360_360.0, 1.0 / 1_188.0, -1.0 / 1_680.0, 1.0 / 1_260.0, -1.0 / 360.0, 1.0 / 12.0]
    {
        sum = sum * square + coefficient;
    }
    (x - 0.5) * ln(x) - x + HALF_LN_TAU + sum * inverse - ln(product)
}

#[cfg(test)]
mod tests {
    use rand_distr::Distribution;

    use super::*;
    use crate::kernel::draws::Draws;

    #[test]
    fn factorials_and_the_root_of_pi() {
        let mut factorial = 1.0f64;
        for n in 1..20 {
            let x = f64::from(n);
            factorial *= x;
            assert!((ln_gamma(x + 1.0) - factorial.ln()).abs() < 1e-14 * factorial.ln().max(1.0), "{n}!");
        }
        assert!((ln_gamma(0.5) - std::f64::consts::PI.ln() / 2.0).abs() < 1e-14);
    }

    /// Chi-squared quantiles as printed in common tables: χ² with n degrees of freedom is twice a gamma variate of shape
    /// n/2.
    #[test]
    fn quantiles_agree_with_printed_tables() {
        for (degrees, p, printed) in [
            (1.0, 0.95, 3.841_458_82),
            (1.0, 0.01, 0.000_157_087_858),
            (2.0, 0.5, 1.386_294_36),
            (4.0, 0.05, 0.710_723_02),
            (10.0, 0.99, 23.209_251_2),
            (30.0, 0.95, 43.772_971_8),
            (100.0, 0.005, 67.327_563_3),
        ] {
            let found = gamma_of_mean_one(degrees / 2.0, p) * degrees;
            assert!((found / printed - 1.0).abs() < 1e-7, "{degrees} {p}: {found}");
        }
    }

    /// For whole shapes the distribution function is closed: P(k, x) = 1 − e⁻ˣ Σ xⁿ/n!, n below k.
    #[test]
    fn quantiles_invert_erlangs_formula() {
        for shape in [1u32, 2, 5, 20] {
            for p in [1e-9, 1e-3, 0.1, 0.5, 0.9, 0.999, 1.0 - 1e-9] {
                let x = gamma_of_mean_one(f64::from(shape), p) * f64::from(shape);
                let (mut term, mut above) = ((-x).exp(), 0.0);
                for n in 0..shape {
                    above += term;
                    term *= x / f64::from(n + 1);
                }
                assert!((above - (1.0 - p)).abs() < 1e-12, "{shape} {p}: {x} leaves {above}");
            }
        }
    }

    #[test]
    fn small_shapes_and_large_ones() {
        // xᵏ / Γ(k + 1) is all there is of P near zero; e^−γ is what Γ(k + 1)^(1/k) comes to.
        let x = gamma_of_mean_one(0.001, 0.5) * 0.001;
        assert!((ln(x) / (0.5f64.ln() / 0.001 - 0.577_215_66) - 1.0).abs() < 1e-5, "{x}");
        assert_eq!(gamma_of_mean_one(1e-6, 0.5), 0.0);
        // Across the change of method.
        for p in [1e-6, 0.2, 0.5, 0.999_999] {
            let (exact, cube) = (gamma_of_mean_one(1e6, p), wilson_hilferty(1e6, p));
            assert!((exact / cube - 1.0).abs() < 1e-8, "{p}: {exact} {cube}");
        }
        let upper = [0.01, 0.3, 1.0, 7.5, 400.0, 1e5].map(|shape| gamma_of_mean_one(shape, 1.0 - f64::EPSILON / 2.0));
        assert!(upper.iter().all(|x| x.is_finite() && *x > 1.0), "{upper:?}");
    }

    /// rand_distr samples by rejection (Marsaglia and Tsang): Kolmogorov-Smirnov at 99.9 %.
    #[test]
    fn agrees_with_rand_distr() {
        let n = 10_000u64;
        let draws = Draws::new(5, 0);
        let mut generator = draws.generator(9, 0);
        for shape in [0.05, 0.5, 1.0, 3.7, 250.0, 20_000.0] {
            let mut ours: Vec<f64> =
                (0..n).map(|i| gamma_of_mean_one(shape, draws.block(2, 0, i).uniform(0))).collect();
            let oracle = rand_distr::Gamma::new(shape, 1.0 / shape).unwrap();
            let mut theirs: Vec<f64> = (0..n).map(|_| oracle.sample(&mut generator)).collect();
            ours.sort_by(f64::total_cmp);
            theirs.sort_by(f64::total_cmp);
            let largest = ours
                .iter()
                .enumerate()
                .map(|(rank, x)| (rank as f64 - theirs.partition_point(|y| y < x) as f64).abs() / n as f64)
                .fold(0.0, f64::max);
            assert!(largest < 1.95 * (2.0 / n as f64).sqrt(), "{shape}: {largest}");
        }
    }
}
