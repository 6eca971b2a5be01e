-- Copies of busy times (blocks), the runs that writes belong to, and runs that the brake stopped.

ALTER TABLE calendar ADD COLUMN receives_blocks INTEGER NOT NULL DEFAULT 0 CHECK (receives_blocks IN (0, 1));
-- What copies on it say.
ALTER TABLE calendar ADD COLUMN block_privacy TEXT NOT NULL DEFAULT 'busy';
-- Which of its own events block others.
ALTER TABLE calendar ADD COLUMN block_hours_only INTEGER NOT NULL DEFAULT 0 CHECK (block_hours_only IN (0, 1));
ALTER TABLE calendar ADD COLUMN block_all_day INTEGER NOT NULL DEFAULT 1 CHECK (block_all_day IN (0, 1));
ALTER TABLE calendar ADD COLUMN block_tentative INTEGER NOT NULL DEFAULT 1 CHECK (block_tentative IN (0, 1));
ALTER TABLE calendar ADD COLUMN block_free INTEGER NOT NULL DEFAULT 0 CHECK (block_free IN (0, 1));
-- How many of its events blocked nothing when that was last looked at.
ALTER TABLE calendar ADD COLUMN ignored INTEGER NOT NULL DEFAULT 0;

-- The marker of a copy.
ALTER TABLE event ADD COLUMN block TEXT GENERATED ALWAYS AS (fields ->> '$.marks."daymark-block"') VIRTUAL;
CREATE INDEX event_block ON event (calendar) WHERE block IS NOT NULL;

-- How each copy is remembered. A row whose event is gone is a tombstone: somebody deleted the copy.
CREATE TABLE block (
    target        INTEGER NOT NULL REFERENCES calendar (id) ON DELETE CASCADE,
    -- What it is a copy of, as its marker says it.
    source        TEXT NOT NULL,
    -- No reference: tombstones outlive their events.
    event         INTEGER NOT NULL,
    -- Our rows of the source, for those who look at the copy; 0 when they are not known.
    from_calendar INTEGER NOT NULL,
    from_event    INTEGER NOT NULL,
    -- Which occurrence of a series; '' for a single event.
    original      TEXT NOT NULL DEFAULT '',
    -- The time at which it was last seen to stand as it should.
    times         TEXT NOT NULL,
    -- The time and a hash of the words that were asked for last, and how often that was asked again.
    asked         TEXT NOT NULL,
    words         TEXT NOT NULL,
    again         INTEGER NOT NULL DEFAULT 0,
    -- The person wants it as it is, until its source changes its time.
    kept          INTEGER NOT NULL DEFAULT 0 CHECK (kept IN (0, 1)),
    PRIMARY KEY (target, source)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX block_of_event ON block (event);

-- What was written together: one act of the person, or one turn of the engine.
CREATE TABLE run (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    at_s  INTEGER NOT NULL,
    cause TEXT NOT NULL
) STRICT;

-- NULL for entries from before there were runs.
ALTER TABLE journal ADD COLUMN run INTEGER REFERENCES run (id);
CREATE INDEX journal_of_run ON journal (run) WHERE run IS NOT NULL;

-- A run that would delete too much: nothing of it is staged until the person has looked at it.
CREATE TABLE held_run (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at_s    INTEGER NOT NULL,
    creates INTEGER NOT NULL,
    changes INTEGER NOT NULL,
    -- The events that it would delete, in order.
    deletes TEXT NOT NULL
) STRICT;
