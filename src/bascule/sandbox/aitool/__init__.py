"""A small AI tool, as a maker of one would build it from the published contract (docs/ai-tools.md) and nothing else.

It pulls applications, keeps a database of its own, scores by the words that a CV shares with the job's text, shows its
applicants on a page, is told of news by signed hints, sends results, and forgets whom it is told to forget.
"""

from .app import create_app
from .door import Answer, Door, Send
from .faults import Faults
from .signing import genuine, sign
from .tool import Options, Tool

__all__ = ["Answer", "Door", "Faults", "Options", "Send", "Tool", "create_app", "genuine", "sign"]
