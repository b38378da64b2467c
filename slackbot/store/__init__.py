"""Floor 1: what is remembered. Tables, queries and the migrations' runner; the only room that speaks SQL.

Queries are plain functions over a `Transaction`; `Database` opens those on threads of its own.
"""
