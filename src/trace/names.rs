//! A table of names: each once, known by its index. Not here: what they name.

use rustc_hash::FxHashMap;

/// Names in the order in which they were first met, up to a limit.
#[derive(Clone, Debug)]
pub struct Names<T> {
    list: Vec<T>,
    index: FxHashMap<Vec<u8>, u32>,
    limit: usize,
}

impl<T> Names<T> {
    /// An empty table of at most `limit` names.
    pub fn new(limit: usize) -> Names<T> {
        Names { list: Vec::new(), index: FxHashMap::default(), limit }
    }

    /// The index of what `key` stands for, which is made when it is met first; `None` when the table is full.
    pub fn index_of(&mut self, key: &[u8], make: impl FnOnce() -> T) -> Option<u32> {
        if let Some(index) = self.index.get(key) {
            return Some(*index);
        }
        if self.list.len() >= self.limit {
            return None;
        }
        let index = u32::try_from(self.list.len()).expect("limits are far below 2^32");
        self.index.insert(key.to_vec(), index);
        self.list.push(make());
        Some(index)
    }

    /// What is in the table.
    pub fn into_list(self) -> Vec<T> {
        self.list
    }
}
