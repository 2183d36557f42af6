//! The lanes of the senders of a candidate set to a carrier, side by side. They are looked up with the first message that asks.
//!
//! Not here: the choice.

use std::sync::Arc;

use crate::model::{Model, SERVICE_LEVELS};

use super::as_u32;

/// The lanes of a set to a carrier.
#[derive(Debug)]
pub(super) struct Row {
    /// In the order of the set's senders.
    pub lanes: Box<[u32]>,
    /// Whether each is the next one after the one before, as those of one entry are where each sender has one lane.
    pub consecutive: bool,
}

impl Row {
    fn new(lanes: Box<[u32]>) -> Row {
        let consecutive = lanes.windows(2).all(|pair| pair[0] + 1 == pair[1]);
        Row { lanes, consecutive }
    }
}

/// The lanes of all sets that were asked for.
#[derive(Debug)]
pub(super) struct Candidates {
    /// By set, then by carrier and level.
    sets: Vec<Vec<Option<Arc<Row>>>>,
}

impl Candidates {
    /// Nobody has asked.
    pub(super) fn new(model: &Model) -> Candidates {
        Candidates { sets: vec![Vec::new(); model.candidate_sets.len()] }
    }

    /// The lanes of a set to a carrier for messages of a level.
    #[inline]
    pub(super) fn row(&mut self, model: &Model, set: usize, carrier: usize, level: usize) -> &Arc<Row> {
        let place = carrier * SERVICE_LEVELS + level;
        let by_carrier = &mut self.sets[set];
        if by_carrier.is_empty() {
            by_carrier.resize(model.carriers.len() * SERVICE_LEVELS, None);
        }
        by_carrier[place].get_or_insert_with(|| Arc::new(look_up(model, set, carrier, level)))
    }
}

#[cold]
fn look_up(model: &Model, set: usize, carrier: usize, level: usize) -> Row {
    let lane =
        |sender: &u32| model.lane(*sender as usize, carrier, level).expect("a candidate has a lane to the recipient");
    Row::new(model.candidate_sets[set].senders.iter().map(|sender| as_u32(lane(sender))).collect())
}
