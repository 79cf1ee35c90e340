"""Rules that every template keeps, because the content security policy and the reader rely on them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted(
    path for path in (ROOT / "templates").rglob("*.html") if "emails" not in path.relative_to(ROOT).parts
)  # mails are read in mail clients, where inline styles are the only ones

TAG = re.compile(r"<[a-zA-Z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
RULES: dict[str, re.Pattern[str]] = {
    "a style attribute, which the policy refuses": re.compile(r"\sstyle\s*="),
    "a handler in an attribute, which the policy refuses": re.compile(r"\son[a-z]+\s*=|\shx-on[:-]", re.I),
    "a script that htmx would have to evaluate": re.compile(r"[\"']\s*(?:js|javascript):", re.I),
    "a trigger filter, which htmx evaluates": re.compile(r"hx-trigger\s*=\s*[\"'][^\"']*\["),
    "an attribute of htmx 2": re.compile(
        r"\shx-(?:ext|disabled-elt|vars|request|disinherit|inherit|params)\s*="
    ),
}
ANYWHERE: dict[str, re.Pattern[str]] = {
    "an inline script": re.compile(r"<script(?![^>]*\ssrc=)", re.I),
    "an inline style sheet": re.compile(r"<style\b", re.I),
    "text that is not escaped": re.compile(r"\|\s*safe\b|autoescape off|\|\s*safeseq\b"),
    "something from another server": re.compile(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", re.I),
}


def complaints(source: str) -> list[str]:
    """What a template does that it must not."""
    source = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", source, flags=re.S)
    found = [name for name, pattern in ANYWHERE.items() if pattern.search(source)]
    flat = re.sub(r"{{.*?}}", "x", re.sub(r"{%.*?%}", " ", source, flags=re.S), flags=re.S)
    for tag in TAG.findall(flat):
        found += [name for name, pattern in RULES.items() if pattern.search(tag)]
        bare = re.sub(r"=\s*(?:\"[^\"]*\"|'[^']*')", "", tag)
        if re.search(r"[\w:-]\s*=\s*[^\s\"'>]", bare):
            found.append("an attribute without quotes")
    return found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_keeps_the_rules(path: Path) -> None:
    assert complaints(path.read_text()) == []


@pytest.mark.parametrize(
    "bad",
    [
        '<p style="color:red">',
        "<script>alert(1)</script>",
        "<style>p{}</style>",
        '<a onclick="x()">',
        '<div hx-on:click="x()">',
        """<div hx-vals='js:{"a": 1}'>""",
        '<a href="javascript:alert(1)">',
        """<input hx-trigger="keyup[key=='Enter']">""",
        '<form hx-disabled-elt="find button">',
        "<input value={{ name }}>",
        '<input type="text" value={{ name }}>',
        "{{ text|safe }}",
        "{% autoescape off %}",
        '<img src="https://example.org/x.png">',
        '<script src="//example.org/x.js"></script>',
    ],
)
def test_the_rules_catch_what_they_are_for(bad: str) -> None:
    assert complaints(bad)


@pytest.mark.parametrize(
    "good",
    [
        '<a href="{% url \'pmo:home\' %}?x={{ y }}"{% if a %} aria-current="page"{% endif %}>',
        "<script src=\"{% static 'js/boot.js' %}\"></script>",
        """<body hx-headers:inherited='{"X-CSRFToken": "{{ csrf_token }}"}'>""",
        '<input {% if x == "y" %}checked {% endif %}name="a">',
        '<p>style = "x" and onclick = "y" are words here</p>',
    ],
)
def test_the_rules_leave_alone_what_is_right(good: str) -> None:
    assert complaints(good) == []
