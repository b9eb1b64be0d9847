-- One event of a payout; what it does not change stays.
UPDATE views.payouts SET
    state = coalesce(%(state)s, state),
    attempts = coalesce(%(attempts)s, attempts),
    amount_minor = coalesce(%(amount_minor)s, amount_minor),
    updated_at = coalesce(%(at)s, updated_at)
WHERE payout = %(payout)s
