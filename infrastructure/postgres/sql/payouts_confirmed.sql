-- What is confirmed here must stand in the payment service's statement.
SELECT payout, updated_at FROM views.payouts WHERE state = 'confirmed'
