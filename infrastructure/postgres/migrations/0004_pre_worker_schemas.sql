-- What the worker derives from the log: views that anybody may rebuild, and jobs.

CREATE SCHEMA views AUTHORIZATION gongduan_worker;
CREATE SCHEMA jobs AUTHORIZATION gongduan_worker;

-- From here on as the worker, who then owns what is made and may rebuild it; later files about views begin like this.
SET LOCAL ROLE gongduan_worker;

REVOKE ALL ON SCHEMA views, jobs FROM PUBLIC;
GRANT USAGE ON SCHEMA views TO gongduan_service;
ALTER DEFAULT PRIVILEGES IN SCHEMA views GRANT SELECT ON TABLES TO gongduan_service;

-- How far each follower has come, in the library's own layout, so that either can take over from the other.
CREATE TABLE views.notification_tracking (
    application_name text,
    notification_id bigint,
    PRIMARY KEY (application_name)
) WITH (
    autovacuum_enabled = true,
    autovacuum_vacuum_threshold = 100000000,
    autovacuum_vacuum_scale_factor = 0.5,
    autovacuum_analyze_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.01
);

-- By this row the library knows the layout with one row for each follower.
INSERT INTO views.notification_tracking (application_name, notification_id) VALUES ('__migration__', 1);
