-- The local mirror of all calendars. Instants are whole seconds since 1970-01-01T00:00Z.

-- One row: what counts up, and how far series are expanded.
CREATE TABLE state (
    id             INTEGER PRIMARY KEY CHECK (id = 1),
    -- Rises with every change that a view could show.
    change_number  INTEGER NOT NULL DEFAULT 0,
    -- Numbers the edits of all events, so that a late answer never settles a newer edit.
    edit_number    INTEGER NOT NULL DEFAULT 0,
    horizon_from_s INTEGER NOT NULL DEFAULT 0,
    horizon_to_s   INTEGER NOT NULL DEFAULT 0
) STRICT;

INSERT INTO state (id) VALUES (1);

-- AUTOINCREMENT wherever a number is remembered elsewhere (keyring, journal, a window): it must
-- never come to mean another row.
CREATE TABLE account (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    provider TEXT NOT NULL,
    address  TEXT NOT NULL,
    state    TEXT NOT NULL DEFAULT 'ok',
    reason   TEXT NOT NULL DEFAULT '',
    added_s  INTEGER NOT NULL,
    UNIQUE (provider, address)
) STRICT;

CREATE TABLE calendar (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    account        INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    remote_id      TEXT NOT NULL,
    name           TEXT NOT NULL,
    color          INTEGER NOT NULL CHECK (color BETWEEN 1 AND 8),
    -- '' when the provider names none.
    zone           TEXT NOT NULL DEFAULT '',
    access         TEXT NOT NULL CHECK (access IN ('free_busy', 'read', 'write')),
    is_primary     INTEGER NOT NULL DEFAULT 0 CHECK (is_primary IN (0, 1)),
    chosen         INTEGER NOT NULL CHECK (chosen IN (0, 1)),
    shown          INTEGER NOT NULL CHECK (shown IN (0, 1)),
    counts_busy    INTEGER NOT NULL CHECK (counts_busy IN (0, 1)),
    -- No longer in the account's list; its rows stay until the account goes.
    gone           INTEGER NOT NULL DEFAULT 0 CHECK (gone IN (0, 1)),
    -- NULL until a first pull was complete: until then what is missing here is unknown, not free.
    first_synced_s INTEGER,
    last_sync_s    INTEGER,
    last_error     TEXT NOT NULL DEFAULT '',
    UNIQUE (account, remote_id)
) STRICT;

CREATE TABLE event (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    calendar      INTEGER NOT NULL REFERENCES calendar (id) ON DELETE CASCADE,
    -- NULL until the provider has answered for it.
    remote_id     TEXT,
    -- The id that its insert asks for.
    derived_id    TEXT,
    uid           TEXT NOT NULL DEFAULT '',
    etag          TEXT,
    status        TEXT NOT NULL,
    kind          TEXT NOT NULL,
    answer        TEXT NOT NULL,
    organizer     INTEGER NOT NULL CHECK (organizer IN (0, 1)),
    updated_s     INTEGER,
    -- Exceptions only: the provider's id of the series, our row of it once it is known, and which
    -- occurrence this is.
    series_remote TEXT,
    master        INTEGER REFERENCES event (id) ON DELETE CASCADE,
    original      TEXT,
    -- As shown, with the edits that wait; what the provider had before them is in the outbox.
    fields        TEXT NOT NULL,
    -- Takes the owner's time.
    busy          INTEGER NOT NULL CHECK (busy IN (0, 1)),
    -- What the provider said, verbatim; 'null' before it said anything.
    raw           TEXT NOT NULL DEFAULT 'null',
    -- The last full round of reading that saw it.
    round         INTEGER NOT NULL DEFAULT 0,
    -- The expansion ran into its budget: later occurrences are not shown.
    truncated     INTEGER NOT NULL DEFAULT 0 CHECK (truncated IN (0, 1)),
    title         TEXT NOT NULL GENERATED ALWAYS AS (fields ->> 'title') STORED,
    location      TEXT NOT NULL GENERATED ALWAYS AS (fields ->> 'location') STORED,
    show_as       TEXT NOT NULL GENERATED ALWAYS AS (fields ->> 'show_as') STORED,
    visibility    TEXT NOT NULL GENERATED ALWAYS AS (fields ->> 'visibility') STORED,
    repeats       INTEGER NOT NULL GENERATED ALWAYS AS (json_array_length(fields, '$.recurrence') > 0) STORED,
    booking       TEXT GENERATED ALWAYS AS (fields ->> '$.marks."daymark-booking"') STORED,
    UNIQUE (calendar, remote_id)
) STRICT;

CREATE INDEX event_derived ON event (calendar, derived_id) WHERE derived_id IS NOT NULL;
CREATE INDEX event_counted ON event (calendar, status);
CREATE UNIQUE INDEX event_of_series ON event (calendar, series_remote, original) WHERE series_remote IS NOT NULL;
CREATE UNIQUE INDEX event_of_master ON event (master, original) WHERE master IS NOT NULL;
CREATE INDEX event_repeating ON event (id) WHERE repeats = 1;

-- The time index: what each single event or series (`unit`) puts on which day, within the horizon.
-- Whole days and floating times are wall seconds, because only a reader has a zone.
CREATE TABLE occurrence (
    unit     INTEGER NOT NULL REFERENCES event (id) ON DELETE CASCADE,
    -- '' for a single event.
    original TEXT NOT NULL DEFAULT '',
    -- The row whose fields show: the unit itself, or its exception.
    event    INTEGER NOT NULL,
    kind     INTEGER NOT NULL CHECK (kind IN (0, 1, 2)), -- timed, whole days, floating
    start_s  INTEGER NOT NULL,
    end_s    INTEGER NOT NULL CHECK (end_s >= start_s),
    -- Over two days. So that a query for the others can start its search two days early and no more.
    is_long  INTEGER NOT NULL CHECK (is_long IN (0, 1)),
    PRIMARY KEY (unit, original)
) STRICT, WITHOUT ROWID;

CREATE INDEX occurrence_short ON occurrence (start_s, end_s, kind, event) WHERE is_long = 0;
CREATE INDEX occurrence_long ON occurrence (end_s, start_s, kind, event) WHERE is_long = 1;

-- A row says: this event differs from the provider's. What to send follows from the difference.
CREATE TABLE outbox (
    event        INTEGER PRIMARY KEY REFERENCES event (id) ON DELETE CASCADE,
    -- The edit number of the latest edit.
    version      INTEGER NOT NULL,
    deleted      INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1)),
    -- The fields as the provider has them; NULL: it has never had the event.
    base         TEXT,
    -- 1 once a write began whose outcome is not known, and the fields that such writes carried.
    started      INTEGER NOT NULL DEFAULT 0 CHECK (started IN (0, 1)),
    sent         TEXT NOT NULL DEFAULT '[]',
    state        TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'refused')),
    reason       TEXT NOT NULL DEFAULT '',
    attempts     INTEGER NOT NULL DEFAULT 0,
    not_before_s INTEGER NOT NULL,
    staged_s     INTEGER NOT NULL
) STRICT;

CREATE TABLE journal (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    at_s     INTEGER NOT NULL,
    cause    TEXT NOT NULL,
    action   TEXT NOT NULL,
    calendar INTEGER NOT NULL REFERENCES calendar (id) ON DELETE CASCADE,
    -- No reference: entries outlive their events.
    event    INTEGER NOT NULL,
    version  INTEGER NOT NULL,
    before   TEXT,
    after    TEXT,
    state    TEXT NOT NULL DEFAULT 'waiting',
    reason   TEXT NOT NULL DEFAULT '',
    -- What the other side had made of a field that both changed.
    theirs   TEXT
) STRICT;

CREATE INDEX journal_open ON journal (event) WHERE state IN ('waiting', 'refused');

CREATE TABLE cursor (
    calendar INTEGER PRIMARY KEY REFERENCES calendar (id) ON DELETE CASCADE,
    -- NULL: the next answer begins a full round.
    value    TEXT,
    -- Counts full rounds.
    round    INTEGER NOT NULL DEFAULT 0,
    -- A full round is under way.
    full     INTEGER NOT NULL DEFAULT 0 CHECK (full IN (0, 1)),
    -- This round held an entry without a readable id: whatever was not seen may be that entry.
    blurred  INTEGER NOT NULL DEFAULT 0 CHECK (blurred IN (0, 1))
) STRICT;

CREATE TABLE set_aside (
    calendar  INTEGER NOT NULL REFERENCES calendar (id) ON DELETE CASCADE,
    -- '' when even the id could not be read.
    remote_id TEXT NOT NULL,
    why       TEXT NOT NULL,
    at_s      INTEGER NOT NULL,
    PRIMARY KEY (calendar, remote_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE booking (
    id            TEXT PRIMARY KEY,
    version       INTEGER NOT NULL,
    seq           INTEGER NOT NULL,
    state         TEXT NOT NULL,
    type_id       TEXT NOT NULL,
    type_name     TEXT NOT NULL,
    start_s       INTEGER NOT NULL,
    length_min    INTEGER NOT NULL CHECK (length_min > 0),
    -- NULL when what the visitor typed could not be opened.
    visitor       TEXT,
    event         INTEGER REFERENCES event (id) ON DELETE SET NULL,
    -- What the relay is to be told, and whether it has been.
    decision      TEXT,
    decision_sent INTEGER NOT NULL DEFAULT 0 CHECK (decision_sent IN (0, 1)),
    clash         INTEGER NOT NULL DEFAULT 0 CHECK (clash IN (0, 1)),
    received_s    INTEGER NOT NULL
) STRICT;

CREATE INDEX booking_of_event ON booking (event) WHERE event IS NOT NULL;
CREATE INDEX booking_to_decide ON booking (seq) WHERE decision IS NOT NULL AND decision_sent = 0;

-- One row once joined to a relay.
CREATE TABLE relay (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    address       TEXT NOT NULL,
    device        TEXT NOT NULL,
    page_url      TEXT NOT NULL,
    epoch         TEXT NOT NULL,
    -- The last inbox entry that is durable here, and the last one that the relay was told about.
    inbox_seq     INTEGER NOT NULL DEFAULT 0,
    acked_seq     INTEGER NOT NULL DEFAULT 0 CHECK (acked_seq <= inbox_seq),
    rev           INTEGER NOT NULL DEFAULT 0,
    digest        TEXT NOT NULL DEFAULT '',
    published_s   INTEGER,
    lease_until_s INTEGER,
    offered       INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE setting (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
