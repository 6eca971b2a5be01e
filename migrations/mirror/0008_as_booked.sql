-- Where a booked visit takes place, as JSON, and whose word a request waits for, both as the page said it when the
-- visitor booked. '' where the relay, or the Daymark that took the booking in, was too old to tell.
ALTER TABLE booking ADD COLUMN place TEXT NOT NULL DEFAULT '';
ALTER TABLE booking ADD COLUMN waits_for TEXT NOT NULL DEFAULT '' CHECK (waits_for IN ('', 'owner', 'times'));
