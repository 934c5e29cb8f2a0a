"""Compiled tapes: a recorded function as a program, and the program as fast code.

Reading order: program, lowering, sweeps, passes; recording; python, native; entry.
"""
