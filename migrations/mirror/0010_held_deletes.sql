-- Only deletes are held back; what else a run would do is done.
ALTER TABLE held_run DROP COLUMN creates;
ALTER TABLE held_run DROP COLUMN changes;
