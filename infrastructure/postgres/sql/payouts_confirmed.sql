-- What is confirmed here must stand in the payment service's statement, also when it has come back.
SELECT payout, updated_at FROM views.payouts WHERE state IN ('confirmed', 'recovered')
