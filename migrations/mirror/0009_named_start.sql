-- A series that begins in the hour which a clock change leaves out was read as if it repeated at the time at which
-- its first occurrence is shown. What calendar servers and feeds have is read once more. An event whose etag did not
-- change counts as known, so the etags of series give way to a text that none is like: etags have quotes.
UPDATE event SET etag = 'read anew'
 WHERE master IS NULL AND etag IS NOT NULL AND fields ->> '$.recurrence' <> '[]'
   AND calendar IN (SELECT c.id FROM calendar c JOIN account a ON a.id = c.account WHERE a.provider = 'caldav');
UPDATE cursor SET value = NULL
 WHERE calendar IN (SELECT c.id FROM calendar c JOIN account a ON a.id = c.account WHERE a.provider IN ('caldav', 'feed'));
