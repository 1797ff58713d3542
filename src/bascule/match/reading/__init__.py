"""The reader's child process: parsers only, nothing else of Bascule. Started by `match.reader`."""
