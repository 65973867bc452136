"""The strategy stage: steps the compiled strategies and passes on what they wish."""
