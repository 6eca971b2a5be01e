-- What a visitor sealed, for as long as it was not opened here or its event does not say it. '' when nothing waits, or
-- nothing was kept.
ALTER TABLE booking ADD COLUMN sealed TEXT NOT NULL DEFAULT '';
