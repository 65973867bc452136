"""The risk stage: judges every wish and keeps the account."""
