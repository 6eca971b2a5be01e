-- What could be read of an entry that was set aside, so that its owner finds it: its title, and when it
-- starts; NULL: not known.

ALTER TABLE set_aside ADD COLUMN title TEXT NOT NULL DEFAULT '';
ALTER TABLE set_aside ADD COLUMN start TEXT;
-- The last full round of reading that set it aside.
ALTER TABLE set_aside ADD COLUMN round INTEGER NOT NULL DEFAULT 0;
