-- The three roles of a cluster: the owner migrates, the service reads and appends, the worker also keeps views and jobs.
-- They get their passwords and the right to log in from the caller, so that no secret stands in a file.
DO $roles$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['gongduan_owner', 'gongduan_service', 'gongduan_worker'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOLOGIN', name);
        END IF;
        -- One time zone for every session, so that a day added to a time means the same everywhere.
        EXECUTE format('ALTER ROLE %I SET timezone TO ''UTC''', name);
    END LOOP;
    GRANT gongduan_service TO gongduan_worker WITH INHERIT TRUE, SET FALSE;
    -- The owner inherits nothing from the worker: it takes the role on to create what the worker shall own.
    GRANT gongduan_worker TO gongduan_owner WITH INHERIT FALSE, SET TRUE;
END
$roles$
