//! Area codes of a country: which codes serve which state or province, the time zone there, and how many people.
//!
//! Not here: numbers of senders or recipients, nor which code a recipient gets.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::evidence::{Assumption, Evidence, assumptions};
use super::text::WHOLE_PPM;
use crate::model::country::CountryCode;

/// The area codes of a country.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "PlanAsWritten")]
pub struct AreaPlan {
    /// The country.
    pub country: CountryCode,
    /// What the parts of the plan rest on.
    pub evidence: AreaEvidence,
    /// Residents of each state, province or territory, by its two letters.
    pub people: BTreeMap<String, u64>,
    /// The codes by the region they serve; sorted by state or province, then by first code.
    pub groups: Vec<AreaGroup>,
}

/// What the parts of a plan rest on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AreaEvidence {
    /// Which codes are in service, and where.
    pub codes: Evidence,
    /// The zone of each code.
    pub zones: Evidence,
    /// Which codes serve one region.
    pub overlays: Evidence,
    /// The residents.
    pub people: Evidence,
    /// How the residents of a state are spread over its codes.
    pub spread: Evidence,
}

/// Codes that serve one region: one code, or a code and its overlays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AreaGroup {
    /// Three digits each, ascending.
    pub codes: Vec<String>,
    /// Two letters of the state or province; of that of the most people, where the codes serve several.
    pub region: String,
    /// Further provinces or territories that the codes serve.
    pub also: Vec<String>,
    /// Name of the time zone in the IANA database; that of the most people.
    pub zone: String,
    /// Share of the country's people in millionths; 1,000,000 over all groups.
    pub weight: u64,
}

impl AreaPlan {
    /// The index of the group that a code of three digits belongs to.
    pub fn group_of(&self, code: &str) -> Option<usize> {
        self.groups.iter().position(|group| group.codes.iter().any(|own| own == code))
    }

    /// Every block's evidence with the block's path.
    pub fn evidence(&self) -> Vec<(String, &Evidence)> {
        let evidence = &self.evidence;
        [
            ("codes", &evidence.codes),
            ("zones", &evidence.zones),
            ("overlays", &evidence.overlays),
            ("people", &evidence.people),
            ("spread", &evidence.spread),
        ]
        .map(|(block, evidence)| (format!("{} area_codes.{block}", self.country), evidence))
        .into()
    }

    /// Everything guessed about the area codes, in the order of the file.
    pub fn assumptions(&self) -> Vec<Assumption> {
        assumptions(self.evidence().into_iter())
    }
}

/// [`AreaPlan`] as it stands in the data file: without weights.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanAsWritten {
    country: CountryCode,
    evidence: AreaEvidence,
    people: BTreeMap<String, u64>,
    groups: Vec<GroupAsWritten>,
}

/// [`AreaGroup`] as it stands in the data file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupAsWritten {
    codes: Vec<String>,
    region: String,
    #[serde(default)]
    also: Vec<String>,
    zone: String,
}

impl GroupAsWritten {
    fn regions(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.region).chain(&self.also).map(String::as_str)
    }
}

impl TryFrom<PlanAsWritten> for AreaPlan {
    type Error = String;

    fn try_from(written: PlanAsWritten) -> Result<AreaPlan, String> {
        let weights = weights(&written.people, &written.groups)?;
        let groups = written.groups.into_iter().zip(weights).map(|(group, weight)| AreaGroup {
            codes: group.codes,
            region: group.region,
            also: group.also,
            zone: group.zone,
            weight,
        });
        Ok(AreaPlan {
            country: written.country,
            evidence: written.evidence,
            groups: groups.collect(),
            people: written.people,
        })
    }
}

/// The weight of each group: a region's people divided evenly over its codes, in millionths of all people.
fn weights(people: &BTreeMap<String, u64>, groups: &[GroupAsWritten]) -> Result<Vec<u64>, String> {
    let mut codes: BTreeMap<&str, u64> = people.keys().map(|region| (region.as_str(), 0)).collect();
    for group in groups {
        for region in group.regions() {
            *codes.get_mut(region).ok_or_else(|| format!("nobody lives in `{region}`"))? += group.codes.len() as u64;
        }
    }
    if let Some((region, _)) = codes.iter().find(|(_, codes)| **codes == 0) {
        return Err(format!("`{region}` has no area code"));
    }
    let everyone: u64 = people.values().sum();
    let mut codes_before: BTreeMap<&str, u64> = BTreeMap::new();
    let mut people_before = 0;
    let mut weights = Vec::with_capacity(groups.len());
    for group in groups {
        let mut own_people = 0;
        for region in group.regions() {
            let before = codes_before.entry(region).or_default();
            own_people += part(people[region], *before, group.codes.len() as u64, codes[region]);
            *before += group.codes.len() as u64;
        }
        weights.push(part(u64::from(WHOLE_PPM), people_before, own_people, everyone));
        people_before += own_people;
    }
    Ok(weights)
}

/// The share of `whole` that falls to `own` of `all`, after the `before` ahead of them. Not shares but boundaries are
/// rounded, so shares that follow one another add up to the whole.
fn part(whole: u64, before: u64, own: u64, all: u64) -> u64 {
    whole * (before + own) / all - whole * before / all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::{area_plan, country};
    use super::*;

    /// The postal abbreviations of the states with the federal district, and of the provinces and territories.
    const STATES: &str = "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ \
                          NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY";
    const PROVINCES: &str = "AB BC MB NB NL NS NT NU ON PE QC SK YT";

    fn plans() -> [&'static AreaPlan; 2] {
        [CountryCode::US, CountryCode::CA].map(|code| area_plan(code).unwrap())
    }

    fn group(plan: &AreaPlan, code: &str) -> AreaGroup {
        plan.groups[plan.group_of(code).unwrap_or_else(|| panic!("{code}"))].clone()
    }

    #[test]
    fn countries_have_their_own_plan_or_none() {
        assert_eq!(plans().map(|plan| plan.country), [CountryCode::US, CountryCode::CA]);
        for other in ["GB", "FR", "XX", "ZZ"] {
            assert!(area_plan(other.parse().unwrap()).is_none(), "{other}");
        }
    }

    /// A code begins with 2 to 9, has no 9 in the middle (kept for longer numbers), and does not end in the two equal
    /// digits of toll-free and other codes without a place.
    #[test]
    fn every_code_is_a_geographic_code_and_stands_once() {
        let mut seen = BTreeSet::new();
        for plan in plans() {
            assert!(plan.groups.is_sorted_by_key(|group| (&group.region, &group.codes)), "{}", plan.country);
            for code in plan.groups.iter().flat_map(|group| &group.codes) {
                let digits: [u8; 3] = code.as_bytes().try_into().unwrap_or_else(|_| panic!("{code}: three digits"));
                assert!(digits.iter().all(u8::is_ascii_digit) && digits[0] >= b'2' && digits[1] != b'9', "{code}");
                assert_ne!(digits[1], digits[2], "{code}");
                assert!(seen.insert(code.as_str()), "{code} twice");
            }
            assert!(plan.groups.iter().all(|group| !group.codes.is_empty() && group.codes.is_sorted()));
        }
        for territory in ["340", "670", "671", "684", "787", "939", "242", "441", "876"] {
            assert!(!seen.contains(territory), "{territory} is no code of the two countries");
        }
    }

    #[test]
    fn every_state_and_province_has_a_code() {
        for (plan, expected) in plans().into_iter().zip([STATES, PROVINCES]) {
            let regions = plan.groups.iter().flat_map(|group| std::iter::once(&group.region).chain(&group.also));
            let served: BTreeSet<&str> = regions.map(String::as_str).collect();
            assert_eq!(served, expected.split_whitespace().collect(), "{}", plan.country);
        }
    }

    /// Aim: no slip in the table of residents. Method: the sums are the published totals of the two censuses.
    #[test]
    fn residents_add_up_to_the_published_totals() {
        assert_eq!(plans().map(|plan| plan.people.values().sum::<u64>()), [331_449_281, 36_991_981]);
    }

    /// Aim: weights follow the residents. Method: exact total; by hand, a state of one code, one of several groups, and
    /// codes that two provinces share.
    #[test]
    fn weights_are_shares_of_the_people() {
        for plan in plans() {
            assert_eq!(plan.groups.iter().map(|group| group.weight).sum::<u64>(), 1_000_000, "{}", plan.country);
            assert!(plan.groups.iter().all(|group| group.weight > 0));
        }
        let [us, ca] = plans();
        let near = |weight: u64, people: f64, of: f64| (weight as f64 - people / of * 1e6).abs() < 1.5;
        assert!(near(group(us, "808").weight, 1_455_271.0, 331_449_281.0));
        // Arizona has 480, 520, 602, 623 and 928, of which three serve Phoenix.
        assert!(near(group(us, "602").weight, 7_151_502.0 * 3.0 / 5.0, 331_449_281.0));
        assert!(near(group(ca, "902").weight, 969_383.0 + 154_331.0, 36_991_981.0));
    }

    /// Aim: what area codes say of time zones agrees with the shares that countries state from elsewhere. Method: the
    /// weights by zone lie within three points; no zone is on one side alone.
    #[test]
    fn zones_have_the_shares_that_the_country_states() {
        for plan in plans() {
            let mut weights: BTreeMap<&str, u64> = BTreeMap::new();
            for group in &plan.groups {
                assert!(jiff::tz::TimeZone::get(&group.zone).is_ok(), "{}", group.zone);
                *weights.entry(&group.zone).or_default() += group.weight;
            }
            let stated = &country(plan.country).unwrap().time_zones.shares;
            let zones: BTreeSet<&str> = stated.iter().map(|share| share.zone.as_str()).collect();
            assert_eq!(weights.keys().copied().collect::<BTreeSet<_>>(), zones, "{}", plan.country);
            for share in stated {
                let implied = weights[share.zone.as_str()];
                let apart = implied.abs_diff(u64::from(share.share.ppm()));
                assert!(apart <= 30_000, "{}: {implied} by area codes, {} stated", share.zone, share.share.ppm());
            }
        }
    }

    #[test]
    fn well_known_codes_are_where_they_are_known_to_be() {
        let [us, ca] = plans();
        for (plan, codes, region, zone) in [
            (us, "212 646", "NY", "America/New_York"),
            (us, "415 628", "CA", "America/Los_Angeles"),
            (us, "808", "HI", "Pacific/Honolulu"),
            (us, "907", "AK", "America/Anchorage"),
            (us, "202 771", "DC", "America/New_York"),
            (us, "602", "AZ", "America/Phoenix"),
            (us, "915", "TX", "America/Denver"),
            (us, "512 737", "TX", "America/Chicago"),
            (us, "615", "TN", "America/Chicago"),
            (us, "865", "TN", "America/New_York"),
            (us, "407 689", "FL", "America/New_York"),
            (us, "850", "FL", "America/Chicago"),
            (ca, "416 647 437", "ON", "America/Toronto"),
            (ca, "514 438", "QC", "America/Toronto"),
            (ca, "604 778", "BC", "America/Vancouver"),
            (ca, "403 587", "AB", "America/Edmonton"),
            (ca, "306 474", "SK", "America/Regina"),
            (ca, "709", "NL", "America/St_Johns"),
        ] {
            for code in codes.split(' ') {
                let group = group(plan, code);
                assert_eq!((group.region.as_str(), group.zone.as_str()), (region, zone), "{code}");
                assert_eq!(plan.group_of(code), plan.group_of(&codes[..3]), "{codes} serve one region");
            }
        }
        assert_ne!(us.group_of("212"), us.group_of("718"));
        assert_ne!(us.group_of("213"), us.group_of("310"));
        assert_eq!((us.group_of("416"), ca.group_of("212"), us.group_of("800")), (None, None, None));
    }

    #[test]
    fn a_plan_that_does_not_fit_together_is_an_error() {
        let text =
            "{country: CA, evidence: {codes: E, zones: E, overlays: E, people: E, spread: E}, people: {ON: 3, PE: 1}, \
                    groups: [{codes: ['416', '647'], region: ON, zone: America/Toronto}, \
                    {codes: ['902'], region: PE, zone: America/Halifax}]}"
                .replace(": E", ": {source: [a], as_of: '2026', confidence: high}");
        let plan: AreaPlan = serde_yaml::from_str(&text).unwrap();
        assert_eq!(plan.groups.iter().map(|group| group.weight).collect::<Vec<_>>(), [750_000, 250_000]);
        for (from, to, message) in [
            ("region: PE", "region: NS", "nobody lives in `NS`"),
            ("PE: 1", "PE: 1, NS: 1", "`NS` has no area code"),
            ("region: PE", "province: PE", "unknown field `province`"),
        ] {
            let error = serde_yaml::from_str::<AreaPlan>(&text.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
