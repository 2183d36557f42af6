//! The catalogue as text and as JSON: the list of countries, a country in full, and what holds everywhere.
//!
//! Not here: which countries are asked for, and any figure that is not in the catalogue.

mod country;
mod defaults;
mod json;
mod list;
mod page;
mod phrases;

pub use country::render as country;
pub use defaults::render as defaults;
pub use json::{countries as countries_json, defaults as defaults_json};
pub use list::render as list;
