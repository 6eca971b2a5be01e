-- What an event that is to be inserted takes over from an earlier one, as JSON: that one was deleted, or is cut in two.
CREATE TABLE rest (
    event INTEGER PRIMARY KEY REFERENCES event (id) ON DELETE CASCADE,
    kept  TEXT NOT NULL
) STRICT;

-- Once the provider has answered for the event, it has it.
CREATE TRIGGER rest_taken_over AFTER UPDATE OF raw ON event WHEN new.raw <> 'null' BEGIN
    DELETE FROM rest WHERE event = new.id;
END;
