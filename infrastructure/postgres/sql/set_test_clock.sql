-- Sets the clock ahead, in a sandbox only.
SELECT events.set_test_clock(%(moment)s)
