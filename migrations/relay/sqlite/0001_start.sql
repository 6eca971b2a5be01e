-- The relay's durable state. Instants are whole seconds since 1970-01-01T00:00Z.

-- One row: which life of the database this is. A restore from a backup gives it a new epoch.
CREATE TABLE relay (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    epoch TEXT NOT NULL
) STRICT;

-- Whose time is booked. Claims and the inbox belong to the person, not to a page or a device.
CREATE TABLE person (
    id        INTEGER PRIMARY KEY,
    slug      TEXT NOT NULL UNIQUE,
    name      TEXT NOT NULL,
    last_seq  INTEGER NOT NULL DEFAULT 0,
    acked_seq INTEGER NOT NULL DEFAULT 0 CHECK (acked_seq <= last_seq)
) STRICT;

CREATE TABLE enrolment (
    code_hash TEXT PRIMARY KEY,
    person    INTEGER NOT NULL REFERENCES person (id),
    expires_s INTEGER NOT NULL,
    -- The device that used the code; '' while nobody has.
    device    TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE device (
    id            TEXT PRIMARY KEY,
    person        INTEGER NOT NULL REFERENCES person (id),
    name          TEXT NOT NULL,
    verifying_key TEXT NOT NULL,
    sealing_key   TEXT NOT NULL,
    enrolled_s    INTEGER NOT NULL,
    revoked       INTEGER NOT NULL DEFAULT 0 CHECK (revoked IN (0, 1))
) STRICT;

-- A person has one device at a time.
CREATE UNIQUE INDEX device_in_use ON device (person) WHERE revoked = 0;

CREATE TABLE nonce (
    device TEXT NOT NULL,
    nonce  TEXT NOT NULL,
    seen_s INTEGER NOT NULL,
    PRIMARY KEY (device, nonce)
) STRICT, WITHOUT ROWID;

CREATE TABLE page (
    person        INTEGER PRIMARY KEY REFERENCES person (id),
    device        TEXT NOT NULL REFERENCES device (id),
    rev           INTEGER NOT NULL,
    based_on_seq  INTEGER NOT NULL,
    checked_s     INTEGER NOT NULL,
    lease_until_s INTEGER NOT NULL,
    mode          TEXT NOT NULL CHECK (mode IN ('instant', 'approval', 'paused')),
    sheet         TEXT NOT NULL
) STRICT;

CREATE TABLE booking (
    id             TEXT PRIMARY KEY,
    person         INTEGER NOT NULL REFERENCES person (id),
    version        INTEGER NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('requested', 'accepted', 'confirmed', 'declined', 'cancelled')),
    type_id        TEXT NOT NULL,
    start_s        INTEGER NOT NULL,
    end_s          INTEGER NOT NULL CHECK (end_s > start_s),
    gap_s          INTEGER NOT NULL CHECK (gap_s >= 0),
    -- What was promised about the visit, as JSON: the page may be republished with other words.
    terms          TEXT NOT NULL,
    -- Hashes only: the key that made the booking also opens it.
    idem_hash      TEXT NOT NULL UNIQUE,
    request_digest TEXT NOT NULL,
    token_hash     TEXT NOT NULL UNIQUE,
    manage_sealed  BLOB NOT NULL,
    email          TEXT NOT NULL,
    created_s      INTEGER NOT NULL,
    -- 1 once the visitor's data has been removed after its time.
    forgotten      INTEGER NOT NULL DEFAULT 0 CHECK (forgotten IN (0, 1))
) STRICT;

CREATE INDEX booking_live ON booking (person, end_s) WHERE state IN ('requested', 'accepted', 'confirmed');
CREATE INDEX booking_to_forget ON booking (end_s) WHERE forgotten = 0;

-- The primary key is what forbids the double booking, whatever the code above it does.
CREATE TABLE claim (
    person  INTEGER NOT NULL REFERENCES person (id),
    quantum INTEGER NOT NULL,
    seat    INTEGER NOT NULL,
    -- Deferred: claims are written before their booking, so that a lost race has written nothing.
    booking TEXT NOT NULL REFERENCES booking (id) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (person, quantum, seat)
) STRICT, WITHOUT ROWID;

CREATE INDEX claim_of_booking ON claim (booking);

-- Append-only; read by the person's laptop in the order of seq.
CREATE TABLE inbox (
    person  INTEGER NOT NULL REFERENCES person (id),
    seq     INTEGER NOT NULL,
    booking TEXT NOT NULL REFERENCES booking (id),
    version INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    at_s    INTEGER NOT NULL,
    PRIMARY KEY (person, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX inbox_of_booking ON inbox (booking);
