-- What only the person can decide. A row holds its outbox row back: it is neither sent nor lost until
-- they have chosen. Ours is what the event shows, theirs is the outbox's base.
CREATE TABLE conflict (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Goes with the edit: when nothing waits any more, there is nothing to decide.
    event   INTEGER NOT NULL UNIQUE REFERENCES outbox (event) ON DELETE CASCADE,
    kind    TEXT NOT NULL CHECK (kind IN ('both_changed', 'deleted_here', 'deleted_there')),
    -- The fields in dispute, and what both sides started from; NULL: not known.
    fields  TEXT NOT NULL DEFAULT '[]',
    ground  TEXT,
    -- Rises when the other side moves on, so that nobody decides about what they have not seen.
    version INTEGER NOT NULL DEFAULT 1,
    found_s INTEGER NOT NULL
) STRICT;

-- An event that says it was made from a booking is looked for when another one goes.
CREATE INDEX event_of_booking ON event (booking) WHERE booking IS NOT NULL;

-- What the calendar's owner did to a booking's event and the relay has not been told: it knows no
-- word for it yet.
ALTER TABLE booking ADD COLUMN untold TEXT NOT NULL DEFAULT '' CHECK (untold IN ('', 'moved', 'cancelled'));
