-- The delete of a copy on a calendar whose account was left: its permission is given back once these are sent.
ALTER TABLE outbox ADD COLUMN parting INTEGER NOT NULL DEFAULT 0 CHECK (parting IN (0, 1));
