//! A line: first in, first out, with a look at any place. It grows block by block, so that nothing is moved when it does, and
//! what has left gives its memory back for others to use.

use std::collections::VecDeque;

/// Places of a block.
const BLOCK: usize = 128;

/// A line of values.
#[derive(Clone, Debug)]
pub struct Line<T> {
    /// Each but the last is full; of the first, places before `gone` have left.
    blocks: VecDeque<Vec<T>>,
    gone: usize,
    len: usize,
}

impl<T> Default for Line<T> {
    fn default() -> Self {
        Line { blocks: VecDeque::new(), gone: 0, len: 0 }
    }
}

impl<T: Copy> Line<T> {
    /// How many stand in it.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nobody stands in it.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// One more, at the end.
    #[inline]
    pub fn push(&mut self, value: T) {
        match self.blocks.back_mut() {
            Some(block) if block.len() < block.capacity().min(BLOCK) => block.push(value),
            _ => self.push_far(value),
        }
        self.len += 1;
    }

    #[cold]
    fn push_far(&mut self, value: T) {
        // There may be very many lines: one that stays short moves up in its block before that grows, or another follows.
        let is_only = self.blocks.len() == 1;
        match self.blocks.back_mut() {
            Some(block) if is_only && self.gone > 0 && self.gone >= block.len() / 2 => {
                block.drain(..self.gone);
                self.gone = 0;
                block.push(value);
            }
            Some(block) if block.len() < BLOCK => {
                block.reserve_exact(block.len().max(4).min(BLOCK - block.len()));
                block.push(value);
            }
            None => self.blocks.push_back(vec![value]),
            Some(_) => {
                let mut block = Vec::with_capacity(BLOCK);
                block.push(value);
                self.blocks.push_back(block);
            }
        }
    }

    /// The first.
    #[inline]
    pub fn first(&self) -> Option<&T> {
        if self.len == 0 { None } else { self.blocks.front().and_then(|block| block.get(self.gone)) }
    }

    /// Takes the first.
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        let first = *self.first()?;
        self.gone += 1;
        self.len -= 1;
        if self.len == 0 {
            // The last block serves again.
            self.blocks.truncate(1);
            self.blocks[0].clear();
            self.gone = 0;
        } else if self.gone == BLOCK {
            self.blocks.pop_front();
            self.gone = 0;
        }
        Some(first)
    }

    /// The one at a place, from 0.
    #[inline]
    pub fn get(&self, place: usize) -> Option<&T> {
        let place = self.gone + place;
        self.blocks.get(place / BLOCK).and_then(|block| block.get(place % BLOCK))
    }

    /// The one at a place, to change it.
    #[inline]
    pub fn get_mut(&mut self, place: usize) -> Option<&mut T> {
        let place = self.gone + place;
        self.blocks.get_mut(place / BLOCK).and_then(|block| block.get_mut(place % BLOCK))
    }

    /// All of them, from the first on.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.blocks.iter().flatten().skip(self.gone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::dice::dice;

    /// Aim: it is a line, whatever comes and goes. Method: the standard library's beside it.
    #[test]
    fn it_agrees_with_a_deque() {
        let mut dice = dice(88_172_645_463_325_252);
        let (mut line, mut deque) = (Line::default(), VecDeque::new());
        // It fills, drains to nothing, and lives from hand to mouth.
        for (steps, of_ten) in [(2_000, 8), (4_000, 2), (2_000, 5)] {
            for step in 0..steps {
                if dice(10) < of_ten {
                    line.push(step);
                    deque.push_back(step);
                } else {
                    assert_eq!(line.pop(), deque.pop_front());
                }
                let place = dice(1 + deque.len() as u64 * 2) as usize;
                assert_eq!(line.get(place), deque.get(place));
                assert_eq!((line.len(), line.first(), line.is_empty()), (deque.len(), deque.front(), deque.is_empty()));
                if let Some(value) = line.get_mut(place) {
                    *value += 1;
                    deque[place] += 1;
                }
            }
            assert!(line.iter().eq(deque.iter()));
        }
    }

    /// There may be very many lines, and most are short.
    #[test]
    fn a_short_line_takes_little_room_however_long_it_lives() {
        let mut line = Line::default();
        (0..5).for_each(|value| line.push(value));
        for value in 5..10_000 {
            line.push(value);
            assert_eq!(line.pop(), Some(value - 5));
        }
        assert!(line.blocks.len() == 1 && line.blocks[0].capacity() <= 16, "{}", line.blocks[0].capacity());
    }
}
