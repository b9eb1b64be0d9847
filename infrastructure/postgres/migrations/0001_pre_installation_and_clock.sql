-- What kind of installation this is, said once, and the clock by which disputes live, which only a sandbox may set ahead.

REVOKE ALL ON SCHEMA events FROM PUBLIC;
GRANT USAGE ON SCHEMA events TO gongduan_service;

-- What was recorded stays; triggers with this refuse the owner too.
CREATE FUNCTION events.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    RAISE EXCEPTION '% on %.% is refused: what was recorded is never changed', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$body$;

REVOKE ALL ON FUNCTION events.refuse_change() FROM PUBLIC;

CREATE TABLE events.installation (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    environment text NOT NULL CHECK (environment IN ('sandbox', 'production'))
);

CREATE TRIGGER installation_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON events.installation
    FOR EACH STATEMENT EXECUTE FUNCTION events.refuse_change();
ALTER TABLE events.installation ENABLE ALWAYS TRIGGER installation_never_changes;

GRANT SELECT ON events.installation TO gongduan_service;

-- How far the test clock runs ahead of the database's own; no row means not at all.
CREATE TABLE events.test_clock (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    ahead interval NOT NULL CHECK (ahead >= interval '0')
);

-- Whoever writes the row, the owner included: only a sandbox may hold one, and it never shrinks.
CREATE FUNCTION events.check_test_clock() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    IF NOT EXISTS (SELECT FROM events.installation WHERE environment = 'sandbox') THEN
        RAISE EXCEPTION 'the clock of this installation cannot be moved: it is not a sandbox'
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.ahead < OLD.ahead THEN
        RAISE EXCEPTION 'the test clock never goes back' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN NEW;
END
$body$;

CREATE TRIGGER test_clock_only_in_a_sandbox BEFORE INSERT OR UPDATE ON events.test_clock
    FOR EACH ROW EXECUTE FUNCTION events.check_test_clock();
CREATE TRIGGER test_clock_never_removed BEFORE DELETE OR TRUNCATE ON events.test_clock
    FOR EACH STATEMENT EXECUTE FUNCTION events.refuse_change();
ALTER TABLE events.test_clock ENABLE ALWAYS TRIGGER test_clock_only_in_a_sandbox;
ALTER TABLE events.test_clock ENABLE ALWAYS TRIGGER test_clock_never_removed;

-- The time of handlers, sweeper, ballots and panel windows.
CREATE FUNCTION events.clock_now() RETURNS timestamptz
LANGUAGE sql VOLATILE
RETURN clock_timestamp() + coalesce((SELECT ahead FROM events.test_clock), interval '0');

-- Moves the clock forward to a moment and answers the time it then shows; a moment that has passed moves nothing.
CREATE FUNCTION events.set_test_clock(moment timestamptz) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    shown timestamptz;
BEGIN
    -- Two movers one after the other, so that the second cannot take the first one's time back.
    LOCK TABLE events.test_clock IN SHARE ROW EXCLUSIVE MODE;
    IF NOT EXISTS (SELECT FROM events.installation WHERE environment = 'sandbox') THEN
        RAISE EXCEPTION 'the clock of this installation cannot be moved: it is not a sandbox'
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    shown := events.clock_now();
    IF moment <= shown THEN
        RETURN shown; -- time went on while the caller was on its way
    END IF;
    -- Added to what is there and counted in seconds: an interval of days would depend on the session's time zone.
    INSERT INTO events.test_clock AS clock (ahead)
    VALUES (make_interval(secs => extract(epoch FROM moment - shown)::double precision))
    ON CONFLICT (only_row) DO UPDATE SET ahead = clock.ahead + EXCLUDED.ahead;
    RETURN events.clock_now();
END
$body$;

REVOKE ALL ON FUNCTION events.check_test_clock(), events.clock_now(), events.set_test_clock(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION events.clock_now(), events.set_test_clock(timestamptz) TO gongduan_service;
GRANT SELECT ON events.test_clock TO gongduan_service;
