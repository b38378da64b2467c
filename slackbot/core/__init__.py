"""The ground floor: facts and rules as plain data, no I/O, nothing but the standard library and pydantic."""
