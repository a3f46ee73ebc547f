"""The SampleDB dialect."""
