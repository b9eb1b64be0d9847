-- The next clock that runs out at or before a moment: the test clock stops at each on its way.
SELECT min(due_at) FROM views.deadlines WHERE due_at <= %(until)s
