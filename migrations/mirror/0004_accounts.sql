-- How an account's sign-in stands, whether the account rests, and whether it was left.

ALTER TABLE account ADD COLUMN paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1));
-- When it was disconnected. Its rows stay for thirty days; its calendars count as gone meanwhile,
-- so that whatever looks at calendars leaves them out.
ALTER TABLE account ADD COLUMN left_s INTEGER;
-- When the person gave the permission, when the provider last took it, and when it ends by itself,
-- where the provider says so.
ALTER TABLE account ADD COLUMN granted_s INTEGER;
ALTER TABLE account ADD COLUMN renewed_s INTEGER;
ALTER TABLE account ADD COLUMN ends_s INTEGER;
-- How long an earlier permission lasted that ended by itself: the next one will last as long.
ALTER TABLE account ADD COLUMN grant_life_s INTEGER NOT NULL DEFAULT 0;
