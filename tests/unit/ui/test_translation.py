"""Every text of the window has a German translation with the same blanks."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import softphone.ui
from softphone.domain.audit import ACTION_WORDS
from softphone.domain.call import BEFORE_IT_BEGAN, SENTENCES, TRANSFER_STEPS
from softphone.domain.call_policy import USUAL
from softphone.domain.consent import BASIS_WORDS, FIRST_PURPOSES, SOURCE_WORDS, TOLD_WORDS
from softphone.domain.contact_import import FIELD_WORDS, OUTCOME_WORDS
from softphone.domain.duplicates import LIKENESS_WORDS
from softphone.domain.permissions import BUILT_IN_ROLES, RIGHT_NAMES
from softphone.domain.privacy import KEPT_AUDIT, KEPT_REQUESTS, KEPT_SHARED
from softphone.domain.quality import HINTS
from softphone.domain.register import FORMS
from softphone.domain.request import KIND_WORDS
from softphone.domain.retention import CHOICES, DATA_WORDS
from softphone.ui.dialogs import new_request, objection, rectify, send_on
from softphone.ui.dialogs.consent import EXPIRIES
from softphone.ui.dialogs.contact import CONTACT_KINDS, LABEL_WORDS
from softphone.ui.dialogs.download import FORMATS
from softphone.ui.dialogs.erase import STEP_WORDS
from softphone.ui.dialogs.import_contacts import DUPLICATE_WORDS
from softphone.ui.dialogs.import_mapping import _CHOICES
from softphone.ui.dialogs.restrict import RESTRICTION_WORDS
from softphone.ui.pages import proof_section
from softphone.ui.pages.privacy_sections import SECTIONS
from softphone.ui.pages.register_section import LOOKS
from softphone.ui.pages.request_pane import EVENT_WORDS
from softphone.ui.pages.request_pane import STEP_WORDS as STEPS
from softphone.ui.pages.roles_section import SCOPE_WORDS
from softphone.ui.pages.settings_account import TRANSPORT_WORDS
from softphone.ui.pages.settings_calls import NOTICE_WORDS, REDIRECT_WORDS, WHEN_WORDS
from softphone.ui.pages.settings_look import LANGUAGES
from softphone.ui.pages.settings_sound import LEVEL_WORDS
from softphone.ui.pages.training_section import STANDING_WORDS
from softphone.ui.shortcuts import REVIEW, SHORTCUTS
from softphone.ui.translation import catalogue
from softphone.ui.widgets.audit_filters import PERIODS
from softphone.ui.widgets.call_header import _QUALITY
from softphone.ui.widgets.call_notes import WRAP_UPS
from softphone.ui.widgets.drawer import _DETAIL_WORDS
from softphone.ui.widgets.headset_card import BUTTON_WORDS, OFF_WORDS, PROBLEM_WORDS
from softphone.ui.widgets.incoming import DECLINE_REASONS
from softphone.ui.widgets.keypad import _NAMES
from softphone.ui.widgets.microphone_line import SHORT_WORDS, SILENCED_WORDS
from softphone.ui.widgets.rail import PLACES
from softphone.ui.widgets.ring_card import RING_PROBLEM_WORDS
from softphone.ui.widgets.transfer_picker import LINE_WORDS
from softphone.ui.words import CATEGORIES, DISPOSITIONS, GAP_WORDS, RESULTS

UI = Path(softphone.ui.__file__).parent
BLANK = re.compile(r"\{[a-z]+\}")


def texts() -> set[str]:
    found: set[str] = set()
    for path in UI.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                wanted = {"tr": node.args[:1], "counted": node.args[1:3]}.get(node.func.id, [])
                for part in wanted:
                    for leaf in ast.walk(part):
                        if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str):
                            found.add(leaf.value)
    found |= {*ACTION_WORDS.values(), *SENTENCES.values(), *RIGHT_NAMES.values()}
    found |= {*STEP_WORDS.values(), *DISPOSITIONS.values(), *GAP_WORDS.values()}
    found |= {
        *LEVEL_WORDS.values(),
        *CATEGORIES.values(),
        *_DETAIL_WORDS.values(),
        *_NAMES.values(),
        *WRAP_UPS,
    }
    found |= {words for words, _, _ in (*RESULTS.values(), *LINE_WORDS.values())}
    found |= {*HINTS, *BEFORE_IT_BEGAN, *TRANSFER_STEPS, *USUAL.break_reasons}
    found |= {words for words, _ in DECLINE_REASONS} | {words for _, words in FORMATS}
    found |= {*REDIRECT_WORDS.values(), *NOTICE_WORDS.values(), *WHEN_WORDS.values()}
    found |= {*TRANSPORT_WORDS.values()}
    found |= {*BUTTON_WORDS.values(), *OFF_WORDS.values(), *PROBLEM_WORDS.values()}
    found |= {*RING_PROBLEM_WORDS.values(), *SILENCED_WORDS.values(), *SHORT_WORDS.values()}
    found |= {*BASIS_WORDS.values(), *SOURCE_WORDS.values(), *TOLD_WORDS.values()}
    found |= {*FIELD_WORDS.values(), *OUTCOME_WORDS.values(), *LIKENESS_WORDS.values()}
    found |= {*LABEL_WORDS.values(), *CONTACT_KINDS.values(), *DUPLICATE_WORDS.values()}
    found |= {words for _, words in _CHOICES} | {words for words, _ in EXPIRIES}
    found |= {purpose.title for purpose in FIRST_PURPOSES}
    found |= {words for _, words, _ in _QUALITY.values()}
    found |= {place.title for place in PLACES} | {words for _, words in REVIEW}
    found |= {words for words, _ in PERIODS}
    found |= {section.title for section in SECTIONS}
    found |= {s.words for s in SHORTCUTS} | {s.group for s in SHORTCUTS} | {"While listening"}
    found |= privacy_texts()
    found |= {LANGUAGES[0][1], *(role.name for role in BUILT_IN_ROLES)}
    return {text for text in found if any(c.isalpha() for c in text)}


def privacy_texts() -> set[str]:
    """Return the texts of the privacy centre that are data."""
    forms = (
        *FORMS.values(),
        new_request.FIELDS,
        send_on.FIELDS,
        rectify.FIELDS,
        objection.FIELDS,
        proof_section.FIELDS,
    )
    found = {field.title for form in forms for field in form}
    found |= {choice.why for choices in CHOICES.values() for choice in choices}
    for words in (DATA_WORDS, KIND_WORDS, STEPS, EVENT_WORDS, RESTRICTION_WORDS, SCOPE_WORDS):
        found |= set(words.values())
    found |= {*KEPT_AUDIT, *KEPT_REQUESTS, *KEPT_SHARED}
    for look in LOOKS.values():
        found |= {look.title, look.lead, look.empty, look.add}
    return found | {words for words, _, _ in STANDING_WORDS.values()}


def test_every_text_is_translated() -> None:
    german = catalogue("de")
    assert sorted(texts() - set(german)) == []


def test_blanks_stay_the_same() -> None:
    for english, german in catalogue("de").items():
        assert sorted(BLANK.findall(english)) == sorted(BLANK.findall(german)), english
        assert german.strip(), english


def test_an_unknown_language_has_no_catalogue() -> None:
    assert catalogue("xx") == {}
