//! `sendpool catalogue`: which facts are asked for, and in which form.
//!
//! Not here: how facts look, which is the report's, and which country a word means, which is the catalogue's.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::{Exit, Failure, print};
use crate::catalogue::{self, Country, Lookup, Region, Support};
use crate::model::country::CountryCode;
use crate::report::catalogue as report;
use crate::report::terminal::Style;

#[derive(Debug, Args)]
pub(super) struct CatalogueArgs {
    /// Countries to show in full, by code or English name; none lists all
    #[arg(value_name = "COUNTRY")]
    countries: Vec<String>,
    /// Lists countries of this part of the world only
    #[arg(long, conflicts_with = "countries", value_parser = regions())]
    region: Option<Region>,
    /// Lists countries only where the platform offers short codes
    #[arg(long, conflicts_with = "countries")]
    short_codes: bool,
    /// Shows what holds everywhere: rates, queues, 10DLC, latencies, filters, rents
    #[arg(long, conflicts_with_all = ["countries", "region", "short_codes"])]
    defaults: bool,
    /// Prints all facts as JSON, with sources, dates and confidence
    #[arg(long)]
    json: bool,
}

/// Reads a part of the world.
fn regions() -> impl TypedValueParser<Value = Region> {
    PossibleValuesParser::new(Region::ALL.iter().map(|region| region.as_str())).map(|word| {
        *Region::ALL.iter().find(|region| region.as_str() == word).expect("one of the words that are possible")
    })
}

/// Prints what was asked for.
pub(super) fn show(args: &CatalogueArgs) -> Result<Exit, Failure> {
    // anstream takes the colours out again where nobody can see them.
    let style = Style { color: true };
    let text = match (args.defaults, args.json, args.countries.is_empty()) {
        (true, true, _) => report::defaults_json(catalogue::defaults()),
        (true, false, _) => report::defaults(catalogue::defaults(), style),
        (false, true, _) => report::countries_json(&chosen(args)?),
        (false, false, true) => report::list(&chosen(args)?, style),
        (false, false, false) => {
            let pages: Vec<String> = chosen(args)?.iter().map(|country| report::country(country, style)).collect();
            pages.join("\n\n")
        }
    };
    print(&text)?;
    Ok(Exit::Passed)
}

/// The countries asked for: those named, in their order, or all that pass the filters.
fn chosen(args: &CatalogueArgs) -> Result<Vec<&'static Country>, Failure> {
    let codes = if args.countries.is_empty() { catalogue::codes().to_vec() } else { named(&args.countries)? };
    let countries = codes.into_iter().filter_map(catalogue::country);
    Ok(countries.filter(|country| passes(args, country)).collect())
}

fn passes(args: &CatalogueArgs, country: &Country) -> bool {
    let offered = country.senders.short_code.offered;
    args.region.is_none_or(|region| country.region == region)
        && (!args.short_codes || matches!(offered, Support::Yes | Support::Partial))
}

/// The codes of countries as written, each once; all that are wrong at once.
fn named(written: &[String]) -> Result<Vec<CountryCode>, Failure> {
    let mut codes = Vec::new();
    let mut wrong = Vec::new();
    for word in written {
        match catalogue::lookup(word) {
            Lookup::Code(code) | Lookup::Named(code) if !codes.contains(&code) => codes.push(code),
            Lookup::Code(_) | Lookup::Named(_) => {}
            Lookup::Similar(_) | Lookup::Unknown => wrong.extend(catalogue::unknown_country(word)),
        }
    }
    if wrong.is_empty() {
        return Ok(codes);
    }
    let messages: Vec<String> = wrong.iter().map(|(message, hint)| format!("{message}\n  = help: {hint}")).collect();
    Err(Failure::usage(messages.join("\nerror: ")))
}
