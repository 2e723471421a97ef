"""Rich text of lessons: cleaned with nh3, formulas between dollars turned into MathML."""

import re

import nh3
from latex2mathml.converter import convert

TAGS = {"p", "br", "div", "strong", "b", "em", "i", "u", "s", "sub", "sup", "ul", "ol", "li", "h3", "h4", "blockquote",
        "a", "table", "thead", "tbody", "tr", "th", "td", "code", "pre"}  # fmt: skip
MATHML = {"math", "mrow", "mi", "mo", "mn", "ms", "mtext", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup",
          "munder", "mover", "munderover", "mtable", "mtr", "mtd", "mspace", "mstyle", "mfenced"}  # fmt: skip
ATTRIBUTES = {"a": {"href"}, "math": {"display", "xmlns"}, "mo": {"stretchy", "fence"}, "th": {"scope"}}
FORMULA = re.compile(r"\$([^$\n]{1,400})\$")
LONGEST = 60_000


def cleaned(text: str) -> str:
    """Safe HTML of what was typed or pasted; plain text keeps its lines; `$\\frac12$` becomes MathML."""
    text = text[:LONGEST].replace("\0", "").replace("\r\n", "\n").strip()
    if not re.search(r"<(p|br|div|ul|ol|li|strong|em|b|i|table|h3|h4|math|a)\b", text, re.IGNORECASE):
        text = nh3.clean_text(text).replace("&#10;", "\n")
        text = "".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in re.split(r"\n{2,}", text) if part)
    text = FORMULA.sub(_formula, text)
    return nh3.clean(text, tags=TAGS | MATHML, attributes=ATTRIBUTES, url_schemes={"http", "https", "mailto"},
                     link_rel="noopener noreferrer nofollow")  # fmt: skip


def _formula(found: re.Match) -> str:
    source = found[1].replace("&#47;", "/").replace("&#x27;", "'").replace("&amp;", "&").replace("&#61;", "=")
    source = source.replace("&#32;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&#96;", "`")
    try:
        return convert(source)
    except Exception:  # what is not a formula stays as it was typed
        return found[0]


def plain(html: str) -> str:
    """The words alone, for a line of a list or a PDF."""
    spaced = re.sub(r"</(p|li|div|h3|h4|tr)>|<br>", "\n", html)
    text = nh3.clean(spaced, tags=set())
    for name, sign in (("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&quot;", '"')):
        text = text.replace(name, sign)
    return re.sub(r"[ \t]*\n\s*", "\n", text).strip()
