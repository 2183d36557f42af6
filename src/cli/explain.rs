//! `sendpool explain`: which messages, of which replication.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;

use super::{Exit, Failure, overrides, print, read, read_settings};
use crate::explain;
use crate::metrics::slowest::{KEPT, Slow};
use crate::model::Model;
use crate::report::explain as report;
use crate::report::terminal::Style;
use crate::suggestion;

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The scenario file
    file: PathBuf,
    /// The campaign of the message
    #[arg(long, value_name = "NAME", requires = "message")]
    campaign: Option<String>,
    /// The number of the message within its campaign, from 0
    #[arg(long, value_name = "N", requires = "campaign")]
    message: Option<u64>,
    /// The delivered messages that took longest to a handset, so many (10 at most)
    #[arg(long, value_name = "K", conflicts_with_all = ["campaign", "slowest_to_carrier"])]
    slowest: Option<usize>,
    /// The delivered messages that took longest until they were handed to a carrier, so many (10 at most)
    #[arg(long, value_name = "K", conflicts_with = "campaign")]
    slowest_to_carrier: Option<usize>,
    /// Of which replication
    #[arg(long, value_name = "N", default_value_t = 0)]
    replication: u32,
    /// The seed of all random draws, instead of what the scenario says
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Prints JSON instead of text
    #[arg(long)]
    json: bool,
    /// Replaces a value of the scenario (repeatable)
    #[arg(long = "set", value_name = "PATH=VALUE")]
    settings: Vec<String>,
}

/// Tells the lives that were asked for.
pub(super) fn show(args: &ExplainArgs) -> Result<Exit, Failure> {
    let mut settings = read_settings(&args.settings)?;
    settings.extend(overrides(args.seed, None));
    let reading = read(&args.file, &settings, true)?;
    let Some(model) = reading.model else { return Ok(Exit::Usage) };
    if args.replication >= model.replications {
        return Err(Failure::usage(format!(
            "--replication {}: the replications are 0 to {}",
            args.replication,
            model.replications - 1
        )));
    }
    let order = chosen(args, &model)?;
    let mut lives = explain::explain(&model, args.replication, order.iter().copied().collect());
    if lives.is_empty() {
        return Err(Failure::usage(match (&args.campaign, args.message) {
            (Some(campaign), Some(message)) => {
                format!("the campaign {campaign} hands over no message {message} in replication {}", args.replication)
            }
            _ => "nothing was delivered".to_owned(),
        }));
    }
    // The slowest first, with what repeats or answers it behind each.
    lives.sort_by_key(|life| {
        let key = (life.record.message.campaign, life.record.message.origin());
        order.iter().position(|one| *one == key)
    });
    let text =
        if args.json { report::json(&model, &lives) } else { report::text(&model, &lives, Style { color: true }) };
    print(&text)?;
    Ok(Exit::Passed)
}

/// Campaign and number of each message, in the order in which they are told.
fn chosen(args: &ExplainArgs, model: &Model) -> Result<Vec<(u32, u64)>, Failure> {
    if let (Some(name), Some(message)) = (&args.campaign, args.message) {
        let names = || model.campaigns.iter().map(|campaign| campaign.name.as_str());
        let Some(campaign) = names().position(|known| known == name) else {
            let hint = match suggestion::closest(name, names()) {
                Some(close) => format!("did you mean `{close}`?"),
                None => format!("known: {}", names().collect::<Vec<_>>().join(", ")),
            };
            return Err(Failure::usage(format!("unknown campaign `{name}`: {hint}")));
        };
        return Ok(vec![(u32::try_from(campaign).expect("campaigns are limited"), message)]);
    }
    let (count, to_carrier) = match (args.slowest, args.slowest_to_carrier) {
        (_, Some(count)) => (count, true),
        (count, None) => (count.unwrap_or(3), false),
    };
    if !(1..=KEPT).contains(&count) {
        return Err(Failure::usage(format!("{count} slowest messages: write 1 to {KEPT}")));
    }
    let found = explain::slowest(model, args.replication);
    let list = if to_carrier { &found.to_carrier } else { &found.end_to_end };
    let mut seen = BTreeSet::new();
    let key = |slow: &Slow| (slow.message.campaign, slow.message.origin());
    Ok(list.iter().take(count).map(key).filter(|key| seen.insert(*key)).collect())
}
