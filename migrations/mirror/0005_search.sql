-- What a search looks through: the words of each event without case and accents. They are kept apart because the
-- rows of `event` carry all that the provider said, and reading every one of them for each letter typed takes too long.

-- Google and Microsoft list the people under `attendees`. Whose calendar it is says nothing about an event.
CREATE VIEW event_said (id, title, location, people) AS
SELECT e.id, e.title, e.location,
       coalesce((SELECT group_concat(coalesce(value ->> 'displayName', value ->> '$.emailAddress.name', '') || ' '
                                     || coalesce(value ->> 'email', value ->> '$.emailAddress.address', ''), ' ')
                 FROM json_each(e.raw, '$.attendees')
                 WHERE type = 'object' AND coalesce(value ->> 'self', 0) = 0), '')
FROM event e;

CREATE VIRTUAL TABLE event_words USING fts5 (
    title, location, people,
    tokenize = "unicode61 remove_diacritics 2",
    prefix = '1 2 3'
);

INSERT INTO event_words (rowid, title, location, people) SELECT id, title, location, people FROM event_said;

CREATE TRIGGER event_words_added AFTER INSERT ON event BEGIN
    INSERT INTO event_words (rowid, title, location, people)
    SELECT id, title, location, people FROM event_said WHERE id = new.id;
END;

CREATE TRIGGER event_words_changed AFTER UPDATE OF fields, raw ON event
WHEN old.title <> new.title OR old.location <> new.location OR old.raw <> new.raw BEGIN
    DELETE FROM event_words WHERE rowid = new.id;
    INSERT INTO event_words (rowid, title, location, people)
    SELECT id, title, location, people FROM event_said WHERE id = new.id;
END;

-- Also for rows that go with their calendar.
CREATE TRIGGER event_words_removed AFTER DELETE ON event BEGIN
    DELETE FROM event_words WHERE rowid = old.id;
END;
