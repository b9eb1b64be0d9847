-- Clocks of this dispute run no more, by key; a name alone stands for all of its name.
DELETE FROM views.deadlines
WHERE dispute = %(dispute)s AND (clock = ANY(%(clocks)s) OR split_part(clock, ':', 1) = ANY(%(clocks)s))
