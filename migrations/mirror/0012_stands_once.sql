-- 1: the event is in its calendar, but once only, because its rule cannot be followed.
ALTER TABLE set_aside ADD COLUMN once INTEGER NOT NULL DEFAULT 0 CHECK (once IN (0, 1));
-- What was noted before says so in words alone.
UPDATE set_aside SET once = 1
WHERE (why LIKE 'the rule of %' OR why LIKE '% is not a recurrence line%' OR why LIKE '% names the time zone %')
  AND EXISTS (SELECT 1 FROM event e WHERE e.calendar = set_aside.calendar AND e.remote_id = set_aside.remote_id);
