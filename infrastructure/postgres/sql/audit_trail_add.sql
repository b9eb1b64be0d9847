-- An event belongs to a case.
INSERT INTO views.audit_trail (dispute, position, stream, version)
VALUES (%(dispute)s, %(position)s, %(stream)s, %(version)s)
