//! The places at which copies may stand, each found once by its name and from then on by its number.
//!
//! There are as many places as sources times targets, and planning asks for each several times:
//! hashing a name of forty bytes every time costs more than all the rest.

use std::collections::HashMap;

use super::{Link, Occurrence, Query, Source};

/// A copy's place: the calendar that it stands on, and what it is a copy of.
pub(super) type Place = (i64, Source);

/// What is known of a place.
#[derive(Clone, Copy, Default)]
pub(super) struct Cell<'a> {
    pub link: Option<&'a Link>,
    /// The one copy that stands for it.
    pub copy: Option<&'a Occurrence>,
    /// Something asks for the copy that stands.
    pub covered: bool,
    /// Asked for, and deleted by hand.
    pub tombstone: bool,
    /// An operation writes its link anew.
    pub renewed: bool,
}

/// A place by its number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Spot(usize);

/// A source by its number.
#[derive(Clone, Copy)]
pub(super) struct Number(usize);

#[derive(Default)]
pub(super) struct Places<'a> {
    /// The calendars that copies may stand on, in order.
    targets: Vec<i64>,
    numbers: HashMap<Source, usize>,
    /// The source that was asked for last.
    last: usize,
    sources: Vec<Source>,
    /// By source, then by target.
    cells: Vec<Cell<'a>>,
}

impl<'a> Places<'a> {
    pub fn of(query: &Query<'a>) -> Self {
        let linked = query.links.iter().map(|link| link.target);
        let mut targets: Vec<i64> = query.calendars.iter().map(|it| it.key).chain(linked).collect();
        targets.sort_unstable();
        targets.dedup();
        let expected = query.occurrences.len();
        let numbers = HashMap::with_capacity(expected / targets.len().max(1));
        let cells = Vec::with_capacity(expected);
        let mut places = Places { targets, numbers, last: 0, sources: Vec::new(), cells };
        for link in query.links {
            if let Some(cell) = places.named((link.target, link.source)).and_then(|at| places.cell_mut(at)) {
                cell.link = Some(link);
            }
        }
        places
    }

    pub fn number(&mut self, source: Source) -> Number {
        let next = self.sources.len();
        let number = match self.expected(&source) {
            Some(number) => number,
            None => *self.numbers.entry(source).or_insert(next),
        };
        if number == next {
            self.sources.push(source);
            self.cells.resize(self.sources.len() * self.targets.len(), Cell::default());
        }
        self.last = number;
        Number(number)
    }

    /// The last source's number again, or the one after it: links, copies and events mostly come in one order, and a
    /// look into the table costs far more.
    fn expected(&self, source: &Source) -> Option<usize> {
        [self.last, self.last + 1].into_iter().find(|number| self.sources.get(*number) == Some(source))
    }

    /// `None` for a calendar that the query does not know.
    pub fn spot(&self, target: i64, source: Number) -> Option<Spot> {
        let column = self.targets.binary_search(&target).ok()?;
        Some(Spot(source.0 * self.targets.len() + column))
    }

    pub fn named(&mut self, (target, source): Place) -> Option<Spot> {
        let number = self.number(source);
        self.spot(target, number)
    }

    pub fn cell(&self, spot: Spot) -> Cell<'a> {
        self.cells.get(spot.0).copied().unwrap_or_default()
    }

    pub fn cell_mut(&mut self, spot: Spot) -> Option<&mut Cell<'a>> {
        self.cells.get_mut(spot.0)
    }

    /// All places at which a copy stands.
    pub fn copies(&self) -> impl Iterator<Item = (Spot, Place, &'a Occurrence)> {
        self.cells.chunks(self.targets.len().max(1)).zip(&self.sources).enumerate().flat_map(
            |(number, (cells, source))| {
                let columns = cells.iter().zip(&self.targets).enumerate();
                let first = number * self.targets.len();
                columns.filter_map(move |(column, (cell, target))| {
                    Some((Spot(first + column), (*target, *source), cell.copy?))
                })
            },
        )
    }

    pub fn cells(&self) -> &[Cell<'a>] {
        &self.cells
    }
}
