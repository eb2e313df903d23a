"""Intents to the store, the store to the workers, answers to the views."""
