-- Of subscribed calendars the people, links and files are kept too from now on: what was read before is read once more.
UPDATE cursor SET value = NULL
 WHERE calendar IN (SELECT c.id FROM calendar c JOIN account a ON a.id = c.account WHERE a.provider = 'feed');
