//! Advice: what a scenario may say, but what platform, carriers or experience hold against. Each finding is a warning.

use super::{Findings, at};
use crate::model::ending::Ending;
use crate::model::metric::Metric;
use crate::model::sender::SenderType;
use crate::model::threshold::Aggregation;
use crate::model::{Distribution, Model, Refusal, Unreached};
use crate::scenario::spec::Scenario;

/// Senders in one pool that the platform allows by default.
const POOL_SIZE: usize = 400;

pub(super) fn advise(findings: &mut Findings, spec: &Scenario, model: &Model) {
    for (index, name) in spec.services.keys().enumerate() {
        advise_service(findings, spec, model, index, &at("services", name));
    }
    for (index, name) in spec.campaigns.keys().enumerate() {
        if model.campaigns[index].body_too_long {
            findings.warning(
                &at(&at("campaigns", name), "body"),
                "the body is longer than the 1,600 characters that the platform takes",
                format!("every call will be refused ({})", code(Ending::RefusedBodyTooLong)),
            );
        }
    }
    advise_thresholds(findings, model);
    for lane in model.lanes.iter().filter(|lane| lane.capacity.is_some_and(|capacity| capacity.0 == 0)).take(3) {
        findings.warning(
            "services",
            format!("the queue `{}` at {} holds no segment", lane.name, lane.rate),
            "every message will overflow: a queue holds as many seconds of its rate as `queue: { capacity }` says",
        );
    }
}

fn advise_service(findings: &mut Findings, spec: &Scenario, model: &Model, service: usize, path: &str) {
    let used: Vec<usize> =
        (0..model.campaigns.len()).filter(|campaign| model.campaigns[*campaign].service == Some(service)).collect();
    if used.is_empty() {
        let has_senders = model.groups.iter().any(|group| group.service == Some(service));
        if has_senders && !spec.campaigns.values().any(|campaign| campaign.from.is_some()) {
            findings.warning(path, "no campaign sends through this service", "remove it, or name it in a campaign");
        }
        return;
    }
    let groups = || model.groups.iter().filter(|group| group.service == Some(service));
    let senders_path = at(path, "senders");
    let total: usize = groups().map(|group| group.count).sum();
    if total == 0 {
        findings.warning(
            path,
            "the service has no sender",
            format!("every call will be refused ({})", code(Ending::RefusedEmptyPool)),
        );
    }
    if total > POOL_SIZE {
        findings.warning(
            &senders_path,
            format!("{total} senders in one pool"),
            format!("the platform allows {POOL_SIZE} unless asked (21714)"),
        );
    }
    let toll_free: usize = groups().filter(|group| group.kind == SenderType::TollFree).map(|group| group.count).sum();
    if toll_free > 1 {
        findings.warning(
            &senders_path,
            format!("{toll_free} toll-free numbers in one pool"),
            "carriers take several for snowshoeing; ask for one upgraded number instead",
        );
    }
    for (country, route) in model.services[service].routes.iter().enumerate() {
        let reached = used.iter().any(|campaign| reaches(model, *campaign, country));
        if reached {
            advise_route(findings, model, service, country, route, path);
        }
    }
}

/// Whether a campaign has recipients in a country.
fn reaches(model: &Model, campaign: usize, country: usize) -> bool {
    let population = match &model.campaigns[campaign].people {
        crate::model::People::Fresh(population) => population,
        crate::model::People::Audience { audience, .. } => &model.audiences[*audience].population,
    };
    population.country_index.contains(&country)
}

fn advise_route(
    findings: &mut Findings,
    model: &Model,
    service: usize,
    country: usize,
    route: &crate::model::Route,
    path: &str,
) {
    let code_of = model.countries[country].code;
    let Some(set) = route.set else {
        findings.warning(
            path,
            format!("no sender of this service can reach {code_of}"),
            format!("messages there will fail ({})", code(Ending::NoUsableSender)),
        );
        return;
    };
    let senders = &model.candidate_sets[set].senders;
    let sender = |index: &u32| &model.senders[*index as usize];
    let refusals: Vec<Refusal> = senders.iter().filter_map(|index| sender(index).terms[country]?.refusal).collect();
    for (refusal, what, ending) in [
        (Refusal::TenDlcUnregistered, "long codes without 10DLC registration", Ending::TenDlcUnregistered),
        (Refusal::TollFreeUnverified, "an unverified toll-free number", Ending::TollFreeUnverified),
        (
            Refusal::PersonToPersonOnly,
            "long codes where they are for person-to-person traffic only",
            Ending::CountryRule,
        ),
        (Refusal::OneTimeCodesOnly, "long codes where they are for one-time codes only", Ending::CountryRule),
    ] {
        let application =
            model.campaigns.iter().any(|campaign| campaign.service == Some(service) && !campaign.person_to_person);
        if refusals.contains(&refusal) && (application || ending != Ending::CountryRule) {
            findings.warning(
                path,
                format!("{code_of} is served by {what}"),
                format!("carriers will refuse these messages ({})", code(ending)),
            );
        }
    }
    let long_codes = senders.iter().filter(|index| sender(index).kind == SenderType::LongCode).count();
    let spread = senders.iter().any(|index| {
        sender(index).terms[country]
            .as_ref()
            .is_some_and(|terms| terms.filter.is_some_and(|class| class.free_senders == Some(1.0)))
    });
    if long_codes > 1 && spread {
        findings.warning(
            path,
            format!("{long_codes} long codes share the traffic to {code_of}"),
            "carriers punish snowshoeing by filtering: use a short code or one verified toll-free number",
        );
    }
    let loses_some = model
        .carriers
        .iter()
        .any(|carrier| carrier.country == country && carrier.short_code.0 != crate::kernel::samplers::Chance::ALWAYS);
    let by_short_code = senders.iter().any(|index| sender(index).kind == SenderType::ShortCode);
    if by_short_code && loses_some && matches!(route.unreached, Unreached::NoSender | Unreached::SendAnyway) {
        let hint = match route.unreached {
            Unreached::NoSender => format!(
                "keep a few long codes of {code_of} in the pool for Short Code Reroute; until then these messages fail ({})",
                code(Ending::NoUsableSender)
            ),
            _ => format!("their messages are sent and refused ({})", code(Ending::TypeNotCarried)),
        };
        findings.warning(path, format!("some carriers of {code_of} do not take short codes"), hint);
    }
    if model.services[service].distribution == Distribution::RoundRobin {
        let carrier = (0..model.carriers.len()).find(|carrier| model.carriers[*carrier].country == country);
        let rate = |index: &u32| Some(model.lanes[model.lane(*index as usize, carrier?)?].rate);
        let mut rates: Vec<_> = senders.iter().filter_map(rate).collect();
        rates.sort_unstable();
        rates.dedup();
        if let [slowest, .., fastest] = rates.as_slice() {
            findings.warning(
                path,
                format!("round robin to {code_of} over senders of {slowest} and {fastest}"),
                "the fast ones idle while the slow ones drain: choose `distribution: earliest`, or put them into services of their own",
            );
        }
    }
}

fn advise_thresholds(findings: &mut Findings, model: &Model) {
    let on_wait = |metric| matches!(metric, Metric::QueueWait | Metric::EndToEnd | Metric::LaneWait);
    let waits = model
        .thresholds
        .iter()
        .find(|threshold| on_wait(threshold.metric) && !matches!(threshold.aggregation, Aggregation::Min));
    let counts_lost = model.thresholds.iter().any(|threshold| {
        matches!(
            threshold.metric,
            Metric::Expired | Metric::Failed | Metric::Delivered | Metric::Sent | Metric::DeliveredReported
        )
    });
    if let Some(threshold) = waits
        && !counts_lost
    {
        let path = at("thresholds", &threshold.subject);
        findings.warning(
            &path,
            "waits are of messages that were sent; those that expired are not among them",
            "add a threshold on `expired` or `delivered` beside it",
        );
    }
}

fn code(ending: Ending) -> u16 {
    ending.code().expect("a loss has a code")
}
