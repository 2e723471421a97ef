"""What hostile people paste into a lesson: formulas, styles, drawings, addresses that run."""

import re

import pytest

from ent.school.lessons.text import cleaned, typed

HOSTILE = [
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<math><annotation-xml encoding='text/html'><p><script>alert(1)</script></p></annotation-xml></math>",
    "<math><annotation-xml encoding='application/xhtml+xml'><img src=x onerror=alert(1)></annotation-xml></math>",
    "<math><mi><a href='javascript:alert(1)'>x</a></mi></math>",
    "<math href='javascript:alert(1)'><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<math><maction actiontype='statusline#http://x'><mi onclick='alert(1)'>x</mi></maction></math>",
    "<p><math><mi style='background:url(javascript:alert(1))' onmouseover=alert(1)>x</mi></math></p>",
    "<svg><script>alert(1)</script></svg><p>a</p>",
    "<p><svg><animate onbegin=alert(1) attributeName=x dur=1s></svg></p>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<p style='background:url(//x)'>a</p><style>@import '//x'</style>",
    "<p><img srcset='//x 1x' src=x onerror=alert(1)><picture><source srcset=//x></picture></p>",
    "<p><a href='jav&#x09;ascript:alert(1)'>a</a><a href=' javascript:alert(1)'>b</a></p>",
    "<p><a href='data:text/html,<script>alert(1)</script>'>a</a><a href='vbscript:x'>b</a></p>",
    "<p><a href='https://x' target=_blank onclick=alert(1)>a</a></p>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe><p>a</p>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><p><script>alert(1)</script></p></template><p>a</p>",
    r"$\href{javascript:alert(1)}{x}$",
    r"$\text{<img src=x onerror=alert(1)>}$",
    r"$\class{x}{<script>alert(1)</script>}$ $a\" onload=\"alert(1)$",
    r"<p>$\text{&lt;/mtext&gt;&lt;img src=x onerror=alert(1)&gt;}$</p>",
]
TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)([^>]*)>")
NEVER = {"script", "style", "svg", "img", "iframe", "template", "noscript", "annotation-xml", "mglyph", "maction",
         "form", "object", "embed", "source", "picture", "animate", "base", "meta", "link"}  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_runs_or_calls_elsewhere_is_left(text):
    html = cleaned(text)
    for _, name, inside in TAG.findall(html):
        assert name.lower() not in NEVER, html
        bare = re.sub(r'="[^"]*"', "", inside)
        assert not re.search(r"\b(on\w+|style|srcset|src|xlink:href|target)\b", bare), html
        for address in re.findall(r'href="([^"]*)"', inside):
            assert re.match(r"(https?:|mailto:)", address), html


@pytest.mark.parametrize("text", HOSTILE)
def test_cleaning_again_changes_nothing_and_what_is_typed_again_stays_safe(text):
    html = cleaned(text)
    assert cleaned(html) == html or not TAG.search(html)
    again = cleaned(typed(html))
    assert not {name.lower() for _, name, _ in TAG.findall(again)} & NEVER


@pytest.mark.parametrize("source", [
    r"\frac{1}{2}", r"\sqrt{x^2+1}", r"\sum_{i=1}^{n} i", r"a < b", r"\mathbf{v} \cdot \vec{u}",
    r"\begin{pmatrix} 1 & 0 \\ 0 & 1 \end{pmatrix}", r"\int_0^1 f(x)\,dx", r"\text{si } x \geq 0", r"\overline{AB}",
])  # fmt: skip
def test_a_formula_becomes_mathml_and_is_found_again_as_typed(source):
    html = cleaned(f"Soit ${source}$.")
    assert "<math" in html
    assert typed(html) == f"Soit ${source}$."
