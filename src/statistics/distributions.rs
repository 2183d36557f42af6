//! Student's t and the binomial, as far as intervals need them.
//!
//! The tail of t is half the incomplete beta function I(ν/(ν + t²); ν/2, 1/2), by Lentz's continued fraction (Numerical
//! Recipes, 3rd edition, 6.4); the quantile is found by bisection, so it is right where the tail is.

use crate::kernel::elementary::{exp, ln};

/// The quantile `p` (above one half) of Student's t with `freedom` degrees of freedom.
///
/// # Panics
/// When `p` is not within 0.5 and 1, or there is no degree of freedom.
pub fn t_quantile(p: f64, freedom: usize) -> f64 {
    assert!((0.5..1.0).contains(&p) && freedom > 0);
    let nu = freedom as f64;
    let beyond = |t: f64| 0.5 * incomplete_beta(nu / (nu + t * t), nu / 2.0, 0.5);
    let (mut low, mut high) = (0.0, 1.0);
    while beyond(high) > 1.0 - p {
        (low, high) = (high, high * 2.0);
    }
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        if beyond(middle) > 1.0 - p { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

/// P(Bin(`count`, `share`) ≤ k) for k from 0 to `count`, summed term by term.
pub fn binomial_at_most(count: usize, share: f64) -> Vec<f64> {
    if share <= 0.0 || share >= 1.0 {
        let below = if share <= 0.0 { 1.0 } else { 0.0 };
        return (0..=count).map(|k| if k == count { 1.0 } else { below }).collect();
    }
    let n = count as f64;
    let whole = ln_gamma(n + 1.0);
    let term = |j: usize| {
        let j = j as f64;
        let choose = whole - ln_gamma(j + 1.0) - ln_gamma(n - j + 1.0);
        exp(choose + j * ln(share) + (n - j) * ln(1.0 - share))
    };
    let mut sum = 0.0;
    let sums = (0..count).map(|j| {
        sum += term(j);
        f64::min(sum, 1.0)
    });
    sums.chain([1.0]).collect()
}

fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// I(x; a, b) for x within 0 and 1.
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    let front = exp(ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * ln(x) + b * ln(1.0 - x));
    // The fraction converges fast on this side only.
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(x, a, b) / a
    } else {
        1.0 - front * fraction(1.0 - x, b, a) / b
    }
}

fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut sum = d;
    for m in 1..1_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away(1.0 + even * d);
        c = away(1.0 + even / c);
        sum *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away(1.0 + odd * d);
        c = away(1.0 + odd / c);
        sum *= d * c;
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `scipy.stats.t.ppf(p, freedom)` of scipy 1.17.1.
    #[test]
    fn quantiles_of_t_are_those_of_scipy() {
        for (p, freedom, expected) in [
            (0.95, 1, 6.313751514675037),
            (0.95, 2, 2.9199855803537242),
            (0.95, 3, 2.3533634348018233),
            (0.95, 9, 1.833112932656237),
            (0.95, 29, 1.6991270265334972),
            (0.95, 199, 1.6525467461665633),
            (0.95, 100000, 1.6448688647849696),
            (0.975, 1, 12.706204736174694),
            (0.975, 2, 4.302652729749462),
            (0.975, 3, 3.1824463052837078),
            (0.975, 9, 2.262157162798205),
            (0.975, 29, 2.045229642132703),
            (0.975, 199, 1.9719565442517533),
            (0.975, 100000, 1.9599877075346095),
            (0.9995, 1, 636.6192487687897),
            (0.9995, 2, 31.599054576445365),
            (0.9995, 3, 12.923978636687961),
            (0.9995, 9, 4.780912585931217),
            (0.9995, 29, 3.6594050194663748),
            (0.9995, 199, 3.3400865561614634),
            (0.9995, 100000, 3.2906240314119137),
        ] {
            let found = t_quantile(p, freedom);
            assert!((found - expected).abs() < 1e-9 * expected, "t({p}, {freedom}) = {found}, not {expected}");
        }
    }

    /// `scipy.stats.binom.cdf(k, n, p)` of scipy 1.17.1.
    #[test]
    fn binomials_are_those_of_scipy() {
        for (k, n, p, expected) in [
            (0, 5, 0.3, 0.16807000000000002),
            (21, 30, 0.9, 0.0020198290052582963),
            (29, 30, 0.9, 0.9576088417247838),
            (83, 100, 0.9, 0.020598810145300142),
            (170, 200, 0.9, 0.016326565931766394),
            (950, 1000, 0.95, 0.5202589429126815),
        ] {
            let found = binomial_at_most(n, p)[k];
            assert!((found - expected).abs() < 1e-10, "P(Bin({n}, {p}) ≤ {k}) = {found}, not {expected}");
        }
    }
}
