//! Search: events by the beginnings of their words, the occurrence nearest to now of each.

use chrono_tz::Tz;
use daymark_core::time::Instant;

use super::agenda::{AgendaRow, Raw, time_of};
use crate::Mirror;
use crate::error::Result;

/// What is looked at further down a list is looked for with another word.
const MOST: usize = 20;
const MOST_PLUS_ONE: i64 = 21;
/// People type a few words; what is longer was pasted.
const MOST_WORDS: usize = 8;

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// What is to come in its order, then what has been, the latest first.
    pub rows: Vec<AgendaRow>,
    /// There is more, further from now.
    pub more: bool,
}

impl Mirror {
    /// Events of the calendars that are shown whose title, place or people have words that begin like those of
    /// `text`, whatever their case and accents: those nearest to now, a series once.
    pub async fn search(&self, text: &str, now: Instant, zone: Tz) -> Result<Found> {
        let Some(words) = beginnings(text) else { return Ok(Found::default()) };
        let now_s = now.timestamp();
        let mut conn = self.pool.read().await?;
        // A whole day's seconds are those of a wall clock: for the order in which things are found that is near enough.
        let raw = sqlx::query_as!(
            Raw,
            r#"WITH unseen AS (
                   SELECT id FROM event WHERE block IS NOT NULL
                   UNION ALL
                   SELECT id FROM event WHERE calendar IN
                       (SELECT id FROM calendar WHERE chosen = 0 OR shown = 0 OR gone = 1)),
               nearest AS (
                   SELECT unit, original, event, kind, start_s, end_s,
                          min(CASE WHEN end_s > ?2 THEN max(start_s - ?2, 0) ELSE ?2 - end_s END) AS away_s
                   FROM occurrence
                   WHERE event IN (SELECT rowid FROM event_words WHERE event_words MATCH ?1)
                     AND event NOT IN (SELECT id FROM unseen)
                   GROUP BY event ORDER BY away_s, start_s, event LIMIT ?3)
               SELECT o.unit AS "unit!", o.original AS "original!", o.kind AS "kind_of_time!",
                      o.start_s AS "start_s!", o.end_s AS "end_s!",
                      e.id AS "event!", e.calendar, e.title, e.location,
                      concat_ws(' ', e.status, e.kind, e.answer, e.show_as, e.visibility) AS "words!: String",
                      e.busy + 2 * (e.id <> o.unit OR e.repeats) + 4 * e.organizer + 8 * (c.access = 'write')
                          AS "flags!: i64", x.state AS "outbox?",
                      k.id AS "conflict?", CASE WHEN NOT EXISTS (SELECT 1 FROM booking g
                                            WHERE g.id = e.booking AND g.state IN ('cancelled', 'declined'))
                          THEN e.booking END AS "booking?: String", NULL AS "source_calendar?: String",
                      NULL AS "source_title?: String"
               FROM nearest o
               CROSS JOIN event e ON e.id = o.event
               CROSS JOIN calendar c ON c.id = e.calendar
               LEFT JOIN outbox x ON x.event = e.id
               LEFT JOIN conflict k ON k.event = e.id
               ORDER BY o.away_s, o.start_s, o.event"#,
            words,
            now_s,
            MOST_PLUS_ONE
        )
        .fetch_all(&mut *conn)
        .await?;
        let more = raw.len() > MOST;
        let mut rows = Vec::with_capacity(MOST);
        for raw in raw.into_iter().take(MOST) {
            let time = time_of(raw.event, raw.kind_of_time, raw.start_s, raw.end_s, zone)?;
            rows.push(raw.into_row(time)?);
        }
        rows.sort_by_key(|row| order(row, now));
        Ok(Found { rows, more })
    }
}

fn order(row: &AgendaRow, now: Instant) -> (bool, i64) {
    let start_s = row.time.start.timestamp();
    if row.time.end > now { (false, start_s) } else { (true, -start_s) }
}

/// The query in the words of the index; `None` where there is nothing to look for. Each word is quoted, so that
/// nothing that a person types is read as an operator.
fn beginnings(text: &str) -> Option<String> {
    let says_something = |word: &&str| word.chars().any(char::is_alphanumeric);
    let words = text.split_whitespace().filter(says_something).take(MOST_WORDS);
    let quoted: Vec<_> = words.map(|word| format!("\"{}\"*", word.replace('"', " "))).collect();
    (!quoted.is_empty()).then(|| quoted.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_a_beginning_and_no_word_an_operator() {
        assert_eq!(beginnings(" P. Singh ").as_deref(), Some("\"P.\"* \"Singh\"*"));
        assert_eq!(beginnings("OR title:\"x\" -").as_deref(), Some("\"OR\"* \"title: x \"*"));
        assert_eq!(beginnings(" - … * "), None);
    }
}
