"""The program that opens hostile files: one on standard input, its view or what it tells on standard output.

A program of its own, because decoders are where hostile files strike: held to a limit of memory and time, without a
file, a network or another program. Imports nothing of ours but itself.
"""
