-- The views: what lists, queues, trails and the sweeper read. Each can be emptied and built again from the log.

SET LOCAL ROLE gongduan_worker;

-- What every list shows of a case; amounts in minor units of its currency.
CREATE TABLE views.case_file (
    dispute uuid PRIMARY KEY,
    platform text NOT NULL,
    number text NOT NULL,
    buyer text NOT NULL,
    merchant text NOT NULL,
    order_id text NOT NULL,
    filed_at timestamptz NOT NULL,
    currency text NOT NULL,
    asked_minor bigint NOT NULL,
    awarded_minor bigint NOT NULL DEFAULT 0,
    ordered_minor bigint NOT NULL DEFAULT 0,
    paid_minor bigint NOT NULL DEFAULT 0,
    stage text NOT NULL DEFAULT '',
    outcome text,
    conflicts text[] NOT NULL DEFAULT '{}', -- arbitrators who are not to see it
    version bigint NOT NULL DEFAULT 0,
    last_at timestamptz NOT NULL
);

-- Lists page by the case's id, which does not move when others are inserted.
CREATE INDEX case_file_of_platform ON views.case_file (platform, filed_at, dispute);
CREATE INDEX case_file_of_buyer ON views.case_file (platform, buyer, filed_at, dispute);
CREATE INDEX case_file_of_merchant ON views.case_file (platform, merchant, filed_at, dispute);
CREATE INDEX case_file_number ON views.case_file (number);
CREATE INDEX case_file_order ON views.case_file (platform, order_id);

CREATE TABLE views.queue (
    dispute uuid PRIMARY KEY,
    platform text NOT NULL,
    since timestamptz NOT NULL,
    because text NOT NULL,
    arbitrator text
);

CREATE INDEX queue_order ON views.queue (platform, since, dispute);

CREATE TABLE views.audit_trail (
    dispute uuid NOT NULL,
    position bigint NOT NULL,
    stream uuid NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (dispute, position)
);

CREATE TABLE views.deadlines (
    dispute uuid NOT NULL,
    platform text NOT NULL,
    clock text NOT NULL,
    due_at timestamptz NOT NULL,
    paused boolean NOT NULL,
    PRIMARY KEY (dispute, clock)
);

CREATE INDEX deadlines_due ON views.deadlines (due_at, dispute, clock);

-- The money of every remedy line; amounts in minor units of its currency.
CREATE TABLE views.payouts (
    payout uuid PRIMARY KEY,
    dispute uuid NOT NULL,
    platform text NOT NULL,
    line text NOT NULL,
    claim text NOT NULL,
    state text NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL
);

-- The sweep asks for what still wants to be paid, which is little beside what was paid.
CREATE INDEX payouts_open ON views.payouts (payout) WHERE state IN ('ordered', 'sent', 'failed', 'unknown');

-- Streams that a follower could not follow: it goes on with the others, and somebody is told.
CREATE TABLE views.parked (
    follower text NOT NULL,
    stream uuid NOT NULL,
    position bigint NOT NULL,
    reason text NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (follower, stream)
);

-- A view that is emptied has followed nothing, whoever emptied it: its follower begins again at the start of the log.
-- Without this an emptied table would look like one in which nothing is due.
CREATE FUNCTION views.begin_again() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    UPDATE views.notification_tracking SET notification_id = 0 WHERE application_name = TG_TABLE_NAME;
    DELETE FROM views.parked WHERE follower = TG_TABLE_NAME;
    RETURN NULL;
END
$body$;

DO $body$
DECLARE
    kept name;
BEGIN
    FOR kept IN SELECT tablename FROM pg_catalog.pg_tables
                WHERE schemaname = 'views' AND tablename NOT IN ('notification_tracking', 'parked') LOOP
        EXECUTE format('CREATE TRIGGER emptied AFTER TRUNCATE ON views.%I FOR EACH STATEMENT'
                       ' EXECUTE FUNCTION views.begin_again()', kept);
    END LOOP;
END
$body$;
