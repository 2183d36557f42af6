#!/usr/bin/env python3
"""Takes plausible faults into the code, one at a time, and tells which tests catch each.

    python3 tests/mutations/run.py            all faults, in a copy of the last commit
    python3 tests/mutations/run.py NAME ...   some of them
    python3 tests/mutations/run.py --check    only whether each fault still finds the one place that it changes

Golden reports and the pinned digest of a run would notice every fault; they are left out, so that what catches a fault is a
test that knows what is right. Exit code 1 when a fault survives or no longer applies to the code.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TESTS = ["--lib", "--test", "suite", "--test", "answers", "--test", "records"]
ORACLE = ["--lib", "--test", "suite"]
# The theory tests run long and prove themselves that they notice 2 %; the oracle would notice every fault of the engine, and
# judges only those that are its own.
LEFT_OUT = ["a_run_is_repeated_bit_for_bit", "theory::", "equal::"]

# Name, file, what stands there, what the fault makes of it.
FAULTS = [
    ("capacity-off-by-one", "src/simulation/early.rs",
     "backlog <= self.capacity",
     "backlog < self.capacity"),
    ("expiry-not-strict", "src/simulation.rs", "pub const EXPIRY: u8 = 80;", "pub const EXPIRY: u8 = 65;"),
    ("slots-end-after-arrivals", "src/simulation.rs", "pub const SLOT_END: u8 = 20;", "pub const SLOT_END: u8 = 65;"),
    ("slots-start-before-arrivals", "src/simulation.rs", "pub const SLOT_START: u8 = 70;", "pub const SLOT_START: u8 = 50;"),
    ("horizon-closed", "src/simulation.rs", "if at >= self.end || (", "if at > self.end || ("),
    ("overflow-refused-through-a-service", "src/simulation.rs",
     "None => self.accept_and_fail(&message, Ending::QueueOverflow)", "None => self.refuse(&message, Ending::RefusedQueueFull)"),
    ("ceiling-never-charged", "src/simulation.rs",
     "let free = self.ceilings[index].pass(level, self.now, segments);", "let free = self.now;"),
    ("ceiling-counts-messages", "src/simulation.rs",
     "let free = self.ceilings[index].pass(level, self.now, segments);",
     "let free = self.ceilings[index].pass(level, self.now, Segments(1));"),
    ("segments-before-selection", "src/simulation/courses.rs",
     "&campaign.segments[country][kind.index()]", "&campaign.segments[country][0 * kind.index()]"),
    ("sticky-sender-forgotten", "src/simulation.rs",
     "self.sticky.insert((service, campaign.channel, identity), sender);", "let _ = (service, identity, sender);"),
    ("slots-drift", "src/simulation/pacer.rs",
     "slot_end(self.pace, at, self.rest, work)", "slot_end(self.pace, at, 0, work)"),
    ("slots-round-down", "src/units.rs", ".div_ceil(u128::from(self.numerator))", ".div_euclid(u128::from(self.numerator))"),
    ("expired-keep-their-room", "src/simulation/lane.rs",
     "self.backlog = self.backlog - Segments(u64::from(message.segments));", "let _ = message.segments;"),
    ("backlog-shrinks-at-slot-start", "src/simulation/lane.rs",
     "self.line.push(Waiting::new(message, fate, class));",
     "if self.line.is_empty() && !self.is_busy() { self.backlog = Segments(0); }\n        self.line.push(Waiting::new(message, fate, class));"),
    ("last-in-first-out", "src/simulation/lane.rs",
     "let head = self.line.pop()",
     "let last = *self.line.get(self.line.len() - 1).expect(\"a last\");\n        let first = std::mem::replace(self.line.get_mut(0).expect(\"a first\"), last);\n        "
     "if let Some(place) = self.line.get_mut(self.line.len() - 1) { *place = first; }\n        let head = Some(last).filter(|_| self.line.pop().is_some())"),
    ("reroute-to-toll-free", "src/scenario/resolve/pool.rs",
     "sender.kind == SenderType::LongCode && sender.country == Some(code)", "sender.kind != SenderType::ShortCode"),
    ("alphanumeric-after-numbers", "src/scenario/resolve/pool.rs",
     "Priority::Platform => vec![short_codes.clone(), names, numbers]", "Priority::Platform => vec![short_codes.clone(), numbers, names]"),
    ("canada-long-code-first", "src/scenario/resolve/pool.rs", "if code == CountryCode::CA && ", "if code == CountryCode::US && "),
    ("ten-dlc-lane-per-number", "src/scenario/resolve/pool.rs", "if grant.named && grant.shared", "if grant.named && !grant.shared"),
    ("unregistered-long-codes-pass", "src/simulation/gate.rs",
     "if asked && terms.refusal.is_some() {", "if asked && terms.refusal.is_some_and(|ending| ending != Ending::NumberUnregistered) {"),
    ("day-cap-charges-the-refused", "src/simulation/gate.rs",
     "        if wanted > cap {\n            return true;", "        if wanted > cap {\n            *used = wanted;\n            return true;"),
    ("filter-forgets-numbers", "src/simulation/filter.rs", "senders: seen.numbers.len() as u64", "senders: 1.min(seen.numbers.len() as u64)"),
    ("receipts-tell-the-truth", "src/simulation/gate.rs", "            _ => Report::Delivered,", "            _ => Report::Undelivered(code),"),
    ("earliest-takes-the-last", "src/selection.rs", "== Ordering::Less", "!= Ordering::Greater"),
    ("round-robin-skips", "src/selection.rs", "*cursor = (*cursor + 1) % set.len();", "*cursor = (*cursor + 2) % set.len();"),
    ("order-statistics-off-by-one", "src/simulation/arrivals.rs",
     "zip((0..=*count - k).rev())",
     "zip((0..=*count - k + 1).rev())"),
    ("ramp-rounds-up", "src/model/arrivals.rs",
     "u64::try_from(integral.total / integral.scale).ok()",
     "u64::try_from(integral.total / integral.scale + 1).ok()"),
    ("extension-characters-count-once", "src/model/encoding.rs", "        Some(2)", "        Some(1)"),
    ("waits-from-hand-over", "src/metrics.rs", "Placed::new(at.since(message.intended))", "Placed::new(at.since(message.accepted))"),
    ("parts-forget-brands", "src/simulation/parts.rs",
     "self.share(index, Shared::Brand(brand));", "let _ = Shared::Brand(brand);"),
    ("parts-forget-contents", "src/simulation/parts.rs",
     "self.share(index, Shared::Content(campaign.fingerprint));", "let _ = Shared::Content(campaign.fingerprint);"),
    ("parts-forget-audiences", "src/simulation/parts.rs",
     "self.share(index, Shared::Audience(*audience));", "let _ = Shared::Audience(*audience);"),
    ("parts-forget-congestion", "src/simulation/parts.rs",
     "self.share(index, Shared::Congestion(*carrier));", "let _ = Shared::Congestion(*carrier);"),
    ("parts-end-alone", "src/simulation/parts.rs", "        engine.run(whole);", "        let _ = whole;"),
    ("a-thread-is-forgotten", "src/experiment/parts.rs", "seen.0.join(collector);", "drop(collector);"),
    ("cost-by-message", "src/metrics.rs", "let billed = cell.segments_sent - unbilled;", "let billed = cell.sent - 0 * unbilled;"),
    ("hidden-delays-ignored", "src/metrics/delay.rs", "let exact = q * (count + hidden) as f64;", "let exact = q * count as f64;"),
    ("returns-without-effect", "src/simulation/replies.rs",
     "self.opted_out.remove(&(Scope::of(campaign, message), identity));", "let _ = Scope::of(campaign, message);"),
    ("yes-reaches-the-network", "src/scenario/resolve/traffic.rs",
     "classify(word) == ReplyWord::Start,", "classify(word) != ReplyWord::Stop,"),
    ("help-for-those-who-left", "src/simulation/replies.rs",
     "if answers && !self.has_left(Scope::of(campaign, message), person.identity) {", "if answers && person.carrier < usize::MAX {"),
    ("opt-outs-of-the-whole-group", "src/simulation.rs",
     "campaign.service.map_or(Scope::Sender(message.sender), Scope::Service)", "campaign.service.map_or(Scope::Sender(0), Scope::Service)"),
    ("standard-words-first", "src/model/reply_word.rs", "table(&[own, default, standard])", "table(&[standard, default, own])"),
    ("a-fault-never-ends", "src/simulation/faults.rs", "self.active[index] = on;", "self.active[index] |= on;"),
    ("congestion-counts-messages", "src/simulation/faults.rs",
     "let wanted = *used + u64::from(message.segments);", "let wanted = *used + 1;"),
    ("lost-receipts-come-late", "src/simulation/faults.rs",
     "Some(fault) if fault.effect == Effect::ReceiptsLate && fault.until", "Some(fault) if fault.effect != Effect::Hold && fault.until"),
    ("shared-queue-at-the-highest-rate", "src/simulation.rs", "*known = rate.min(*known)", "*known = rate.max(*known)"),
    ("suspended-without-a-review", "src/simulation/carriage.rs", "let at = self.now.saturating_add(rule.review);", "let at = self.now; let _ = rule.review;"),
    ("frailty-only-helps", "src/simulation/filter.rs",
     "1.0 - memory.frailty + memory.frailty * drawn", "1.0 - memory.frailty + memory.frailty * drawn.min(1.0)"),
    ("midnight-everywhere-at-once", "src/simulation/filter.rs", ".day_zone == zone {", ".day_zone <= zone.max(usize::MAX) {"),
    ("a-block-begins-one-late", "src/simulation/filter.rs", "if run.messages == block.messages {", "if run.messages > block.messages {"),
    ("numbers-are-suspended-alone", "src/simulation/filter.rs", "if sender.brand.is_some() {", "if sender.brand.is_some() && index == usize::MAX {"),
    ("records-know-at-once", "src/records.rs",
     "let shown = if is_known_at_once(ending) { at } else { message.sent };", "let shown = at;"),
    ("lines-counted-from-the-end", "src/trace/csv_form.rs",
     "reader.position().line() - breaks - u64::from(unclosed.is_none())", "reader.position().line() - u64::from(unclosed.is_none())"),
    ("newest-first-stays", "src/trace/record.rs", "if self.account.out_of_order > 0 {", "if self.account.out_of_order == u64::MAX {"),
    ("bursts-make-phases", "src/fit/arrivals.rs", " * roughness(bins);", " * roughness(bins).min(1.0);"),
    ("the-lost-answer", "src/fit/feedback.rs", "row.person().is_some() && !lost(row)", "row.person().is_some() && (!lost(row) || true)"),
]

# Faults of what is done ahead of time, beside each other or from memory: the same results in another way, so what knows what is
# right is the plain engine.
AGAINST_THE_ORACLE = [
    ("latency-drawn-by-sender", "src/simulation/fate.rs",
     "let block = draws.block(message.campaign, purpose::LATENCY, message.number);",
     "let block = draws.block(message.campaign + message.sender, purpose::LATENCY, message.number);"),
    ("early-doomed-take-no-room", "src/simulation/early.rs",
     "self.doomed[lane].push(expires, segments);",
     "let _ = segments;"),
    ("early-doomed-are-no-work", "src/simulation/early.rs",
     "if !self.doomed.is_empty() {\n            return self.first",
     "if self.doomed.len() == usize::MAX {\n            return self.first"),
    ("early-rests-are-no-work", "src/simulation/early.rs",
     "|| self.is_whole { 0 } else { 2 }",
     "|| self.is_whole { 0 } else { 0 }"),
    ("a-slot-is-in-progress-as-it-starts", "src/simulation/early.rs",
     "if end_of(slot_begins) < now {",
     "if end_of(slot_begins) <= now {"),
    ("slots-end-with-the-rest", "src/simulation/pacer.rs",
     "start.as_nanos() - u64::from(rest > 0)",
     "start.as_nanos()"),
    ("early-busy-period-goes-on", "src/simulation/early.rs",
     "if busy_until <= now { 0 }",
     "if busy_until < now { 0 }"),
    ("early-slots-end-late", "src/simulation/early.rs",
     "return left.div_ceil(pace.whole());",
     "return left / pace.whole() + 1;"),
    ("early-fractions-end-late", "src/simulation/early.rs",
     "u128::from(left.div_ceil(each))",
     "u128::from(left / each + 1)"),
    ("merged-capacity-off-by-one", "src/simulation.rs",
     "<= self.capacities[lane]",
     "< self.capacities[lane]"),
    ("early-expiries-free-room-at-once", "src/simulation/early.rs",
     "&& *expires < now",
     "&& *expires <= now"),
    ("early-lanes-below-filters", "src/simulation/early.rs",
     "terms.filter.is_some() || terms.refusal.is_some()",
     "terms.refusal.is_some()"),
    ("early-lanes-of-any-validity", "src/simulation/early.rs",
     "Some(campaign.validity) == validity",
     "Some(campaign.validity) >= None"),
    ("early-lanes-under-ceilings", "src/simulation/early.rs",
     "model.ceilings.is_empty()",
     "model.ceilings.len() < usize::MAX"),
    ("early-arrivals-before-their-slots", "src/simulation/carriage.rs",
     "message.attempted == now && self.without_memory.get(message.lane as usize) == Some(&true)",
     "message.attempted < now"),
    ("early-lanes-that-faults-stop", "src/simulation/early.rs",
     "matches!(fault.effect, Effect::Hold | Effect::Rate(_))",
     "matches!(fault.effect, Effect::Rate(_))"),
    ("the-next-leaves-at-once", "src/simulation/leaving.rs",
     "Key::new(self.busy_until.max(now), rank::SLOT_START",
     "Key::new(now, rank::SLOT_START"),
    ("free-lanes-do-not-come-first", "src/simulation/early.rs",
     "let until = least.max(now).saturating_add(near);",
     "let until = least.saturating_add(near);"),
    ("what-is-kept-was-never-kept", "src/simulation/leaving.rs",
     "let [accepted, released] = apart.unwrap_or([intended; 2]);",
     "let [accepted, released] = apart.map_or([intended; 2], |apart| [apart[0]; 2]);"),
    ("fixed-lines-are-plain", "src/simulation/plain.rs",
     "filter(|_| !person.landline && !self.faults.refuses())",
     "filter(|_| !self.faults.refuses())"),
    ("plain-though-receipts-are-lost", "src/simulation/plain.rs",
     "&& self.faults.let_receipts_be()",
     ""),
    ("all-senders-of-a-course-have-one-way", "src/simulation/courses.rs",
     "partition_point(|(first, _)| *first <= place) - 1",
     "partition_point(|(first, _)| *first == 0) - 1"),
    ("segments-of-the-rest-before-selection", "src/simulation.rs",
     "campaign.segments[country][kind.index()].pick(bits)",
     "campaign.segments[country][0 * kind.index()].pick(bits)"),
    ("senders-on-other-terms-count-alike", "src/metrics/straight.rs",
     "(sender.kind, model.all_terms(sender.group))",
     "(sender.kind, &model.all_terms(sender.group)[..0])"),
    ("plain-beyond-the-horizon", "src/simulation/plain.rs",
     "if last < self.end {",
     "if end < self.end {"),
    ("plain-before-what-comes-first", "src/simulation/plain.rs",
     "Some(at) if *at < until && !O::CHECKS",
     "Some(at) if *at <= until && !O::CHECKS"),
    ("marks-are-let-go-early", "src/kernel/marks.rs",
     "older.first < asked / WORD &&",
     "older.first < (asked + 100) / WORD &&"),
    ("hours-are-plain", "src/simulation/plain.rs",
     "&& !(0..model.countries.len()).any(|country| campaign.meets_hours(country))",
     ""),
    ("numbers-that-do-not-exist-are-certain", "src/simulation/people.rs",
     "|| !population.invalid.iter().all(|chance| chance.is_certain())",
     ""),
    ("straight-on-though-kept-by-carriers", "src/simulation/lives.rs",
     "&& kept_by_nobody;",
     "&& (kept_by_nobody || carried_on > sent);"),
    ("waits-for-handsets-are-on-the-way", "src/metrics/straight.rs",
     "parts.handset_wait.record_zeros(delays.latency.values());",
     "parts.handset_wait.record_zeros(delays.end_to_end.values());"),
    ("the-horizon-cuts-no-receipts", "src/simulation/leaving.rs",
     "let last = receipt.map_or(end, |(at, _)| at).max(slot_end);",
     "let last = end.max(slot_end);"),
    ("next-slot-before-its-turn", "src/simulation.rs",
     "next.instant() < self.events.first_instant()",
     "next.at() <= self.events.first_instant().at()"),
    ("tournament-ties-reversed", "src/simulation/sources.rs",
     "winner = winner.min(pair[(node % 2) ^ 1]);",
     "winner = if pair[1].instant() <= pair[0].instant() { pair[1] } else { pair[0] };"),
    ("strangers-are-met-again", "src/simulation.rs",
     "model.audiences[*audience].met_again",
     "*audience == usize::MAX"),
    ("nobody-waits-for-strangers", "src/simulation.rs",
     "!met_again && campaign.deadline.is_none() && campaign.resend.is_none()",
     "!met_again"),
    ("filter-probability-of-another-class", "src/simulation/filter.rs",
     "known == *class && exposure == counts",
     "exposure == counts"),
    ("filter-probability-before-opt-outs", "src/model/filter.rs",
     "opt_outs: seen.opt_outs.max(self.opt_out_tolerated),",
     "opt_outs: 0.0,"),
    ("abandoned-handsets-are-ordinary", "src/simulation/fate.rs",
     "!handsets.abandoned.hits(abandoned[index])",
     "!handsets.abandoned.hits(u32::MAX)"),
    ("duplicates-are-ordinary", "src/simulation/fate.rs",
     "sheet.ordinary[index] &= !twice & !answers",
     "sheet.ordinary[index] &= !answers"),
    ("receipts-by-another-word", "src/simulation/fate.rs",
     "self.receipt.uniform(how, 1, receipt)",
     "self.receipt.uniform(how, 0, receipt)"),
    ("open-to-blocked-content", "src/simulation/gate.rs",
     "!campaign.content[country][terms.class as usize].blocked",
     "(campaign.content[country][terms.class as usize].risk >= 0.0)"),
    ("open-to-any-rule", "src/simulation/gate.rs",
     "&& takes(terms.rule, campaign)\n        &&",
     "&&"),
    ("what-is-known-ends-the-run", "src/simulation.rs",
     "at > self.known_until.max(self.now)",
     "at > self.now"),
    ("joined-series-end-with-their-bins", "src/metrics/timeline.rs",
     "sum(self.beyond.entry(*bin).or_default(), counts);", "let _ = (bin, counts);"),
    ("the-cut-is-not-counted", "src/simulation.rs",
     "self.cut.messages += 1;",
     "self.cut.messages += 0;"),
]
FAULTS += AGAINST_THE_ORACLE


def apply(tree, file, old, new):
    path = tree / file
    text = path.read_text()
    if text.count(old) != 1:
        return f"stands {text.count(old)} times in {file}, not once"
    path.write_text(text.replace(old, new))
    return None


def tests(tree, target, oracle=False):
    command = ["cargo", "test", "--locked", "--no-fail-fast", "--target-dir", str(target), *(ORACLE if oracle else TESTS), "--"]
    command += ["simulation::", "equal::", "kernel::marks"] if oracle else [flag for name in LEFT_OUT for flag in ("--skip", name)]
    quick = os.environ | {"CARGO_PROFILE_DEV_DEBUG": "0"}
    done = subprocess.run(command, cwd=tree, env=quick, capture_output=True, text=True, timeout=1800)
    output = done.stdout + done.stderr
    failed = sorted(set(re.findall(r"^test (\S+) \.\.\. FAILED", output, re.M)))
    if done.returncode and not failed:
        failed = ["(it does not compile or ends early)", output[-600:]]
    return failed


def check():
    """Whether every fault applies: quick enough for every change."""
    wrong = [name for name, file, old, _ in FAULTS if (ROOT / file).read_text().count(old) != 1]
    named = set(re.findall(r"^\| ([a-z0-9-]+) \|", (ROOT / "docs/checks.md").read_text(), re.M))
    missing = [fault[0] for fault in FAULTS if fault[0] not in named]
    for problem, names in [("no longer apply", wrong), ("are not in docs/checks.md", missing)]:
        if names:
            print(f"faults that {problem}: {', '.join(names)}")
    return 1 if wrong or missing else 0


def main():
    wanted = sys.argv[1:]
    if wanted == ["--check"]:
        return check()
    faults = [fault for fault in FAULTS if not wanted or fault[0] in wanted]
    survived = []
    with tempfile.TemporaryDirectory() as scratch:
        tree = pathlib.Path(scratch) / "tree"
        target = pathlib.Path(scratch) / "target"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(tree)], check=True)
        broken = tests(tree, target)
        if broken:
            print(f"tests fail without any fault: {', '.join(broken)}")
            return 1
        print("| fault | caught by |\n|---|---|", flush=True)
        for name, file, old, new in faults:
            wrong = apply(tree, file, old, new)
            caught = [] if wrong else tests(tree, target, name in {fault[0] for fault in AGAINST_THE_ORACLE})
            if wrong or not caught:
                survived.append(name)
            shown = ", ".join(f"`{test}`" for test in caught[:4]) + (f" and {len(caught) - 4} more" if len(caught) > 4 else "")
            print(f"| {name} | {wrong or shown or '**survives**'} |", flush=True)
            subprocess.run(["git", "checkout", "--quiet", "."], cwd=tree, check=True)
    print(f"\n{len(faults) - len(survived)} of {len(faults)} faults caught" + (f"; not: {', '.join(survived)}" if survived else ""))
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
