//! What people wrote back. Not here: messages that people wrote of their own accord, which answer nothing.

use serde::Serialize;

use super::{Quantiles, quantiles};
use crate::model::reply_word::ReplyWord;
use crate::model::sender::SenderType;
use crate::trace::{Row, Status, Trace};
use crate::units::{SimDuration, SimTime};

/// An answer comes within this time.
const ANSWER_WITHIN: SimDuration = SimDuration::from_secs(86_400);
/// The platform's code for a message to somebody who opted out.
const OPTED_OUT: u32 = 21_610;

/// What people wrote back.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Feedback {
    /// Messages to people that are known.
    pub n: u64,
    /// Those of them that can be answered, which shares are of: not known to be lost, and not from a name, to which nobody
    /// can write.
    pub answerable: u64,
    /// Messages from people in the trace. With none, the trace may leave them out.
    pub inbound: u64,
    /// Messages that were answered within a day, each counted once, without words for opting out.
    pub answered: u64,
    /// Messages that were answered by a word for opting out within a day.
    pub opted_out: u64,
    /// Messages refused because the person had opted out (21610).
    pub refused: u64,
    /// From a message to its first answer.
    pub delay: Option<Quantiles>,
}

pub(super) fn fit(trace: &Trace) -> Feedback {
    let mut sent: Vec<(u64, SimTime)> = match trace.replies.is_empty() {
        true => Vec::new(),
        false => trace.rows.iter().filter_map(|row| Some((row.person()?, row.at))).collect(),
    };
    sent.sort_unstable();
    // By message: whether it was answered, and whether by opting out.
    let mut answered = vec![[false; 2]; sent.len()];
    let mut delays = Vec::new();
    for reply in &trace.replies {
        let Some(person) = reply.person else { continue };
        let before = sent.partition_point(|message| *message <= (person, reply.at));
        let Some(message) = before.checked_sub(1) else { continue };
        let (other, at) = sent[message];
        if other != person || reply.at.since(at) > ANSWER_WITHIN {
            continue;
        }
        let stop = match reply.word {
            ReplyWord::Other => false,
            ReplyWord::Stop => true,
            // Who asks for help or comes back answers nothing.
            ReplyWord::Help | ReplyWord::Start => continue,
        };
        if !answered[message][usize::from(stop)] && !stop {
            delays.push(reply.at.since(at));
        }
        answered[message][usize::from(stop)] = true;
    }
    let count = |stop: usize| answered.iter().filter(|kinds| kinds[stop]).count() as u64;
    let lost = |row: &Row| !matches!(row.status(), None | Some(Status::Sent | Status::Delivered | Status::Read));
    let from_a_name = |row: &Row| trace.sender(row).is_some_and(|sender| sender.kind == Some(SenderType::Alphanumeric));
    let answerable = |row: &&Row| row.person().is_some() && !lost(row) && !from_a_name(row);
    Feedback {
        answerable: trace.rows.iter().filter(answerable).count() as u64,
        n: trace.rows.iter().filter(|row| row.person().is_some()).count() as u64,
        inbound: trace.account.inbound,
        answered: count(0),
        opted_out: count(1),
        refused: trace.rows.iter().filter(|row| trace.code(row) == Some(OPTED_OUT)).count() as u64,
        delay: quantiles(delays),
    }
}
