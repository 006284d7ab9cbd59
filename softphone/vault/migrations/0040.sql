-- Why a call never began, and how it sounded.
ALTER TABLE calls ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE calls ADD COLUMN quality BLOB;
