-- Goodwill is paid like a remedy line and is for no claim: that is how it is told from one.

SET LOCAL ROLE gongduan_worker;

ALTER TABLE views.payouts ALTER COLUMN claim DROP NOT NULL;
