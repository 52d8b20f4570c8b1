-- The program that prepared minutes ('' where it was prepared before this was kept): another one may draw them otherwise, and what was
-- prepared stands.
ALTER TABLE gateway.report_document ADD COLUMN made_with text NOT NULL DEFAULT '';
