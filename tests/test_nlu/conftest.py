"""A small model, trained by Rasa with the pipeline of `config.yml` on sentences of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from rasa.model_training import train_nlu

from common.settings import ROOT

SENTENCES = {
    "request_instalment": [
        "我想分期还款",
        "可以分期吗",
        "能分12期吗",
        "分期要多少利息",
        "帮我办个分期",
        "账单能不能分期",
        "I want instalments",
        "can I pay in instalments",
        "split the bill please",
        "split my bill into instalments",
    ],
    "ask_credit_impact": [
        "会上征信吗",
        "影响征信吗",
        "征信记录多久消除",
        "会不会影响我的征信",
        "征信怎么恢复",
        "逾期上不上征信",
        "does it hurt my credit score",
        "will it be on my credit report",
        "how long does it stay on my credit report",
        "is my credit score hurt",
    ],
    "request_human": [
        "转人工",
        "人工客服",
        "我要找人工",
        "有没有人工客服",
        "给我转个人工",
        "要人工",
        "a human please",
        "talk to a human",
        "let me talk to a person please",
        "I want to talk to a person",
    ],
    "greet": ["你好", "您好", "你好啊", "您好啊", "hello", "hello there", "good morning", "good morning there"],
    "out_of_scope": [
        "今天天气怎么样",
        "明天天气好吗",
        "讲个笑话",
        "再讲个笑话",
        "what is the weather",
        "what is the weather like",
        "tell me a joke",
        "tell me another joke",
    ],
}


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of the small model."""
    folder = tmp_path_factory.mktemp("nlu")
    examples = [
        {"intent": intent, "examples": "".join(f"- {sentence}\n" for sentence in sentences)}
        for intent, sentences in SENTENCES.items()
    ]
    (folder / "nlu.yml").write_text(yaml.safe_dump({"version": "3.1", "nlu": examples}, allow_unicode=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RASA_CACHE_DIRECTORY", str(folder / "cache"))
        patch.setenv("RASA_TELEMETRY_ENABLED", "false")
        model = train_nlu(
            config=str(ROOT / "config.yml"),
            nlu_data=str(folder / "nlu.yml"),
            output=str(folder),
            fixed_model_name="small",
        )
    assert model is not None
    return Path(model)
