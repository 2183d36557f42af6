//! Distributions by inversion: one uniform in, one variate out, never a rejection, so that draws stay addressed by key.
//! Probabilities and weights are integer thresholds on 32 random bits.

use super::elementary::{exp, inverse_normal, ln};

/// A probability as a threshold on 32 random bits, exact to 2⁻³².
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chance(u64);

impl Chance {
    /// Never.
    pub const NEVER: Chance = Chance(0);
    /// Always.
    pub const ALWAYS: Chance = Chance(1 << 32);

    /// The probability `p`, rounded to a multiple of 2⁻³².
    ///
    /// # Panics
    /// When `p` is not within 0 and 1.
    pub fn new(p: f64) -> Chance {
        assert!((0.0..=1.0).contains(&p), "a probability lies within 0 and 1");
        Chance((p * (1u64 << 32) as f64).round() as u64)
    }

    /// Whether all bits say the same.
    pub fn is_certain(self) -> bool {
        self == Chance::NEVER || self == Chance::ALWAYS
    }

    /// Whether these 32 random bits fall under the probability.
    #[inline]
    pub fn hits(self, bits: u32) -> bool {
        u64::from(bits) < self.0
    }
}

/// A choice among `0..n` with given weights, as cumulative thresholds on 32 random bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Categorical {
    /// Upper ends, but for those at 2³², which come last and which nothing reaches.
    ends: Vec<u32>,
    /// How many outcomes there are.
    len: usize,
}

impl Categorical {
    /// A choice with probability proportional to `weights`; `None` when they add up to zero.
    pub fn new(weights: &[u64]) -> Option<Categorical> {
        let total: u128 = weights.iter().map(|w| u128::from(*w)).sum();
        if total == 0 {
            return None;
        }
        let mut sum = 0u128;
        let ends = weights.iter().map(|weight| {
            sum += u128::from(*weight);
            (sum << 32) / total
        });
        Some(Categorical { ends: ends.map_while(|end| u32::try_from(end).ok()).collect(), len: weights.len() })
    }

    /// The index that these 32 random bits choose.
    #[inline]
    pub fn pick(&self, bits: u32) -> usize {
        match self.ends.as_slice() {
            // A look at all of a few has no branches that chance decides.
            [] => 0,
            [a] => usize::from(*a <= bits),
            [a, b] => usize::from(*a <= bits) + usize::from(*b <= bits),
            ends if ends.len() < 16 => ends.iter().map(|end| u32::from(*end <= bits)).sum::<u32>() as usize,
            ends => ends.partition_point(|end| *end <= bits),
        }
    }

    /// Whether this outcome is ever chosen.
    pub fn allows(&self, index: usize) -> bool {
        let end = |index: usize| self.ends.get(index).map_or(1 << 32, |end| u64::from(*end));
        end(index) > index.checked_sub(1).map_or(0, end)
    }

    /// How many outcomes there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Never: a choice has at least one outcome.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// An index below `n` from 32 random bits by multiplication; the bias is below n / 2³².
#[inline]
pub fn index_below(bits: u32, n: usize) -> usize {
    ((u64::from(bits) * n as u64) >> 32) as usize
}

/// The value at `uniform` of a table of (share, value), both rising, interpolated in straight lines; the ends hold beyond
/// them.
///
/// # Panics
/// When the table is empty.
pub fn interpolated(table: &[(f64, f64)], uniform: f64) -> f64 {
    let next = table.iter().position(|(share, _)| *share >= uniform);
    match next {
        None => table.last().expect("a table has a row").1,
        Some(0) => table[0].1,
        Some(next) => {
            let ((low, from), (high, to)) = (table[next - 1], table[next]);
            from + (to - from) * ((uniform - low) / (high - low))
        }
    }
}

/// An exponential variate of mean 1.
#[inline]
pub fn exponential(uniform: f64) -> f64 {
    -ln(uniform)
}

/// A log-normal variate with the given logarithm of the median and sigma.
#[inline]
pub fn log_normal(ln_median: f64, sigma: f64, uniform: f64) -> f64 {
    exp(ln_median + sigma * inverse_normal(uniform))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::draws::Draws;
    use rand_distr::Distribution;

    #[test]
    fn weights_become_exact_thresholds() {
        let choice = Categorical::new(&[1, 0, 3]).unwrap();
        assert_eq!(choice.pick(0), 0);
        assert_eq!(choice.pick((1 << 30) - 1), 0);
        assert_eq!(choice.pick(1 << 30), 2);
        assert_eq!(choice.pick(u32::MAX), 2);
        assert_eq!([0, 1, 2].map(|index| choice.allows(index)), [true, false, true]);
        assert_eq!(Categorical::new(&[0, 0]), None);
        assert_eq!(Categorical::new(&[]), None);
    }

    #[test]
    fn chances_are_exact_at_the_ends() {
        assert!(!Chance::new(0.0).hits(0));
        assert!(Chance::new(1.0).hits(u32::MAX));
        assert!(Chance::new(0.5).hits(u32::MAX / 2) && !Chance::new(0.5).hits(1 << 31));
    }

    /// The two-sample Kolmogorov-Smirnov distance.
    fn distance(mut a: Vec<f64>, mut b: Vec<f64>) -> f64 {
        a.sort_by(f64::total_cmp);
        b.sort_by(f64::total_cmp);
        let (mut at, mut worst) = (0, 0.0f64);
        for (rank, x) in a.iter().enumerate() {
            while at < b.len() && b[at] <= *x {
                at += 1;
            }
            worst = worst.max((rank as f64 / a.len() as f64 - at as f64 / b.len() as f64).abs());
        }
        worst
    }

    /// rand_distr samples by other methods (ziggurat), so it is an independent oracle of shape and parameters.
    #[test]
    fn samplers_agree_with_rand_distr() {
        let n = 20_000u64;
        let draws = Draws::new(11, 0);
        let mut generator = draws.generator(1, 0);
        let critical = 1.95 * (2.0 / n as f64).sqrt(); // 99.9 %

        let ours = (0..n).map(|i| log_normal(0.35f64.ln(), 0.3, draws.block(2, 0, i).uniform(0))).collect();
        let oracle = rand_distr::LogNormal::new(0.35f64.ln(), 0.3).unwrap();
        let theirs = (0..n).map(|_| oracle.sample(&mut generator)).collect();
        assert!(distance(ours, theirs) < critical);

        let ours = (0..n).map(|i| exponential(draws.block(3, 0, i).uniform(0))).collect();
        let theirs = (0..n).map(|_| rand_distr::Exp1.sample(&mut generator)).collect();
        assert!(distance(ours, theirs) < critical);
    }
}
