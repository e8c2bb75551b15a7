"""Which of the two languages a message is written in, if it tells."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.component import NluComponent
from nlu.folding import fold

CHINESE, ENGLISH = "zh", "en"

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_OTHER_SCRIPT = re.compile(r"[\u0400-\u04ff\u0590-\u06ff\u0900-\u0dff\u0e00-\u0e7f\u3040-\u30ff\uac00-\ud7af]")
_WORD = re.compile(r"(?<![a-z0-9])[a-z]+(?:['’][a-z]+)*(?![a-z0-9])")
_REFERENCE = re.compile(r"\b[a-z]{2,4}-?\d{4,}[-\d]*")

# Characters that carry a Chinese sentence; they are absent from a Chinese term quoted in an English one.
_CHINESE_GRAMMAR = frozenset("我你您他她们的了吗呢吧嘛么啊怎啥哪谁几是不没要想能可会得把被给让这那就都也还在有个为")
# Words that carry an English sentence; a Chinese one does not borrow them.
_ENGLISH_GRAMMAR = frozenset(
    """a an the i i'm i've i'd i'll me my mine you your we our they it its it's he she this that these those
    is are was were be been am do does did don't didn't doesn't can can't cannot could will won't would should may
    have has had haven't not what what's when where why who how which if and or but so because to of for from with
    without on in at by about after before until there please""".split()
)
# Written by customers of either language, alone or beside either.
_SHARED = frozenset(
    """ok okay okey k yes yep yeah no nope hi bye thx pls plz lol haha hahaha hmm em emm emmm oh ah um
    app atm visa mastercard unionpay alipay wechat paypal vip pos sms pin cvv id qq email wifi pc ios android apr
    rmb cny yuan usd ins def""".split()
)
_PINYIN_SYLLABLE = re.compile(
    r"(?:zhuang|chuang|shuang|zhang|zheng|zhong|zhuai|zhuan|chang|cheng|chong|chuai|chuan|shang|sheng|shuai|shuan"
    r"|niang|liang|jiang|qiang|xiang|jiong|qiong|xiong|guang|kuang|huang"
    r"|(?:zh|ch|sh|[bpmfdtnlgkhrzcsyw])(?:a|o|e|ai|ei|ao|ou|an|en|ang|eng|ong|u|ua|uo|uai|ui|uan|un)"
    r"|zhi|chi|shi|ri|zi|ci|si|[bpmdtnljqxy](?:i|ie|iao|ian|in|ing)|[mdnljqx]iu|lia|[jqx]ia|[jqxyln](?:u|ue|uan|un)"
    r"|[nl]v|er|ai|an|ang|ao|ou|en|a|e|o)"
)
_PINYIN_WORD = re.compile(f"(?:{_PINYIN_SYLLABLE.pattern})+")
_LONGEST_PINYIN_WORD = 24  # letters; a long word can be cut into syllables in too many ways to try
# Letters together that pinyin has often and the English of customers hardly ever.
_PINYIN_CLUSTER = re.compile(r"qi|zh|\bx[iu]|iao|uang|uan|iang|(?<!q)uo")
_VOWEL = re.compile(r"[aeiou]|(?<=.)y")


def recognise(text: str) -> Optional[str]:
    """`"zh"`, `"en"`, or `None` where the text does not tell: digits, emoji, "ok", a lone brand, pinyin.

    Greetings and thanks in English count as English; "ok", "yes", "no", "hi" and "bye" alone do not, since customers
    who write Chinese use them as well: an undecided message keeps the conversation's language.
    """
    folded = _REFERENCE.sub(" ", fold(text))
    if _OTHER_SCRIPT.search(folded):
        return None
    han = _HAN.findall(folded)
    words = [word.replace("’", "'") for word in _WORD.findall(folded)]
    if han:
        return _of_mixed(han, words)
    return ENGLISH if _is_english(words) else None


def _of_mixed(han: List[str], words: List[str]) -> str:
    chinese = sum(character in _CHINESE_GRAMMAR for character in han)
    english = sum(word in _ENGLISH_GRAMMAR for word in words)
    return ENGLISH if english > chinese else CHINESE


def _is_english(words: List[str]) -> bool:
    if len(words) > 1 and any(word in _ENGLISH_GRAMMAR for word in words):
        return True
    telling = [word for word in words if word not in _SHARED and len(word) > 1]
    return any(_VOWEL.search(word) for word in telling) and not _is_pinyin(telling)


def _is_pinyin(words: List[str]) -> bool:
    if any(len(word) > _LONGEST_PINYIN_WORD for word in words):
        return False
    return all(map(_PINYIN_WORD.fullmatch, words)) and any(map(_PINYIN_CLUSTER.search, words))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class LanguageRecogniser(NluComponent):
    """Puts `language` (`"zh"` or `"en"`) into the parse result; leaves it out where the text does not tell."""

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageRecogniser:
        """Make the component; it has no settings."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Recognise each message's language. Buttons' payloads (`/intent`) have none."""
        for message in messages:
            text = message.get(TEXT) or ""
            language = None if text.startswith(INTENT_MESSAGE_PREFIX) else recognise(text)
            if language:
                message.set("language", language, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Recognise the language of the training sentences, for the components that follow."""
        self.process(training_data.training_examples)
        return training_data
