"""The type-I seesaw."""
