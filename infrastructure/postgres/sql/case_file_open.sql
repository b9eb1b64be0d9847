-- A case begins; what happens to it is told by case_file_move.
INSERT INTO views.case_file
    (dispute, platform, number, buyer, merchant, order_id, filed_at, currency, asked_minor, last_at)
VALUES (%(dispute)s, %(platform)s, %(number)s, %(buyer)s, %(merchant)s, %(order_id)s, %(filed_at)s, %(currency)s,
    %(asked_minor)s, %(filed_at)s)
