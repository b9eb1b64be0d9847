-- A payout is ordered; what happens to it is told by payouts_move.
INSERT INTO views.payouts (payout, dispute, platform, line, claim, state, amount_minor, currency, updated_at)
VALUES (%(payout)s, %(dispute)s, %(platform)s, %(line)s, %(claim)s, 'ordered', %(amount_minor)s, %(currency)s, %(at)s)
