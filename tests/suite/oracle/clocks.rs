//! What the clocks of recipients say: whether a set of hours is closed where somebody lives, and until when.
//!
//! Time only moves on, so each pair of hours and place remembers the stretch it is in.

use rustc_hash::FxHashMap;

use sendpool::model::hours::Stretch;
use sendpool::model::{Model, Place};
use sendpool::units::SimTime;

/// The stretch that each pair of hours and place is in.
#[derive(Default)]
pub(super) struct Clocks {
    stretches: FxHashMap<(usize, usize, Option<u32>), Stretch>,
}

impl Clocks {
    /// Until when these hours are closed for people of a place; `None` when they are open.
    pub(super) fn closed_until(&mut self, model: &Model, hours: usize, place: Place, at: SimTime) -> Option<SimTime> {
        let key = (hours, place.zone, place.region);
        let known = self.stretches.get(&key).filter(|stretch| at < stretch.until).copied();
        let stretch = known.unwrap_or_else(|| {
            let zone = &model.zones[place.zone];
            let stretch = model.hours[hours].stretch(&model.calendar, zone, place.region, at);
            self.stretches.insert(key, stretch);
            stretch
        });
        stretch.blocked.then_some(stretch.until)
    }
}
