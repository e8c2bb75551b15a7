"""Starts the Rasa server with the addresses and secrets of the settings: `python -m ops.assistant`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Dict, List

import yaml
from rasa.__main__ import main as rasa

from common.settings import ROOT, Settings, settings


def endpoints(values: Settings) -> Dict[str, Any]:
    """The content of `endpoints.yml` with the settings' addresses in place of its defaults."""
    content: Dict[str, Any] = yaml.safe_load((ROOT / "endpoints.yml").read_text(encoding="utf-8"))
    content["action_endpoint"]["url"] = f"http://{values.action_host}:{values.action_port}/webhook"
    content["action_endpoint"]["token"] = values.secret("action_token")
    if values.database_url:
        content["tracker_store"] = {"type": "sql", "url": values.database_url}
    else:
        content["tracker_store"]["db"] = str(values.var_dir / "assistant.db")
    return content


def write_endpoints(values: Settings) -> Path:
    """Write the endpoints file for this start; it holds a secret, so only the owner may read it."""
    values.var_dir.mkdir(parents=True, exist_ok=True)
    path = values.var_dir / "endpoints.yml"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        yaml.safe_dump(endpoints(values), file, allow_unicode=True)
    return path


def arguments(values: Settings) -> List[str]:
    """Those of `rasa`. With the API, through which the desk writes into conversations, and only it: by its token."""
    return [
        *("run", "--model", str(values.model_path), "--endpoints", str(write_endpoints(values))),
        *("--credentials", str(ROOT / "credentials.yml")),
        *("--interface", values.assistant_host, "--port", str(values.assistant_port)),
        "--enable-api",
        f"--auth-token={values.secret('assistant_api_token')}",  # in one word: secrets may begin with a hyphen
    ]


def main() -> None:
    """Be `rasa run`, in this process: the arguments of another one could be read by everybody on the machine."""
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    sys.argv = ["rasa", *arguments(settings())]
    rasa()


if __name__ == "__main__":
    main()
