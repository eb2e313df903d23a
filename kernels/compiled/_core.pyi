"""What the C files define; `core.h` says what they ask of an array."""

SOURCES: int
