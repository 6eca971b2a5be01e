-- Which keys this device has at its relay: the name of the try that the relay said yes to. '' for one that joined when
-- there was one pair only.
ALTER TABLE relay ADD COLUMN keys TEXT NOT NULL DEFAULT '';
