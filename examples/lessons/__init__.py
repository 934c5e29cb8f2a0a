"""Lessons as scripts, and what makes notebooks of them."""
