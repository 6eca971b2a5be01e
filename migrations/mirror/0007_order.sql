-- The event whose write goes first: the second half of a series waits for the cut, so that no occurrence ever
-- stands twice. The edit number that both had at first does not say it, since each may be edited again.
ALTER TABLE outbox ADD COLUMN follows INTEGER REFERENCES event (id) ON DELETE SET NULL;
CREATE INDEX outbox_follows ON outbox (follows) WHERE follows IS NOT NULL;
