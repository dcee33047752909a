"""Where things are in the tree."""

from pathlib import Path

BENCHMARKS = Path(__file__).parent.parent
ROOT = BENCHMARKS.parent
CHAT_BENCH = ROOT / ".build/release/chat-bench"
CA = ROOT / "certs/ca.pem"
CERTIFICATE = ROOT / "certs/server.pem"
PRIVATE_KEY = ROOT / "certs/server-key.pem"
