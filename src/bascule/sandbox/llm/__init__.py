"""A server of language models as two vendors serve theirs, written from their published interfaces: OpenAI's Chat
Completions and Embeddings (also spoken by vLLM, Ollama, llama.cpp and others), and Anthropic's Messages.

No model is in it. It answers by rules, from what stands in the request, so that the same request has the same answer;
and it goes wrong on purpose.
"""

from .app import create_app
from .faults import Faults
from .server import Options, Seen, Server

__all__ = ["Faults", "Options", "Seen", "Server", "create_app"]
