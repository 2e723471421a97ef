"""Rich text of lessons: cleaned with nh3, formulas between dollars turned into MathML, and back to what is typed."""

import re
from html import escape, unescape
from html.parser import HTMLParser

import nh3
from latex2mathml.converter import convert

TAGS = {"p", "br", "div", "strong", "b", "em", "i", "u", "s", "sub", "sup", "ul", "ol", "li", "h3", "h4", "blockquote",
        "a", "table", "thead", "tbody", "tr", "th", "td", "code", "pre"}  # fmt: skip
MATHML = {"math", "mrow", "mi", "mo", "mn", "ms", "mtext", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup",
          "munder", "mover", "munderover", "mtable", "mtr", "mtd", "mspace", "mstyle", "mfenced"}  # fmt: skip
# `alttext` keeps a formula as it was typed, so that it can be opened again.
ATTRIBUTES = {
    "a": {"href"}, "th": {"scope"}, "math": {"display", "xmlns", "alttext"}, "mo": {"stretchy", "fence", "accent"},
    "mi": {"mathvariant"}, "mtable": {"columnalign"}, "mtd": {"columnalign"}, "mspace": {"width"},
}  # fmt: skip
FORMULA = re.compile(r"\$([^$\n]{1,400})\$")
# So long at most: a text of nothing but stars is not read over and over to its end.
BOLD = re.compile(r"(?<![\w*])\*\*(?=\S)([^\n]{1,1000}?)(?<=\S)\*\*(?![\w*])")
ITALIC = re.compile(r"(?<!\w)_(?=\S)([^\n_]+?)(?<=\S)_(?!\w)")
# A formula as it is kept, with what was typed for it.
MATH = re.compile(r'<math\b[^>]*\balttext="([^"]*)"[^>]*>.*?</math>', re.DOTALL)
# Stand for formulas while bold and italic are looked for; no keyboard types them.
HELD = re.compile("\ue000(\\d+)\ue001")
LONGEST = 60_000


def cleaned(text: str) -> str:
    """Safe HTML of what was typed or pasted; plain text keeps its lines, `**bold**`, `_italic_`, `- lists`."""
    text = re.sub("[\0\ue000\ue001]", "", text).replace("\r\n", "\n").strip()
    if re.search(r"<(p|br|div|ul|ol|li|strong|em|b|i|table|h3|h4|math|a)\b", text, re.IGNORECASE):
        html = FORMULA.sub(lambda found: _formula(unescape(found[1])) or found[0], text)
    else:
        html = _marked(text)
    return nh3.clean(html, tags=TAGS | MATHML, attributes=ATTRIBUTES, url_schemes={"http", "https", "mailto"},
                     link_rel="noopener noreferrer nofollow")  # fmt: skip


def _marked(text: str) -> str:
    formulas: list[str] = []

    def hold(found: re.Match) -> str:
        formulas.append(_formula(found[1]) or escape(found[0], quote=False))
        return f"\ue000{len(formulas) - 1}\ue001"

    text = escape(FORMULA.sub(hold, text), quote=False)
    text = ITALIC.sub(r"<em>\1</em>", BOLD.sub(r"<strong>\1</strong>", text))
    html = "".join(_paragraph(part) for part in re.split(r"\n{2,}", text) if part)
    return HELD.sub(lambda found: formulas[int(found[1])], html)


def _paragraph(part: str) -> str:
    found, lines = [], part.split("\n")
    while lines:
        is_list = lines[0].startswith("- ")
        size = next((at for at, line in enumerate(lines) if line.startswith("- ") != is_list), len(lines))
        taken, lines = lines[:size], lines[size:]
        if is_list:
            found.append(f"<ul>{''.join(f'<li>{line[2:]}</li>' for line in taken)}</ul>")
        else:
            found.append(f"<p>{'<br>'.join(taken)}</p>")
    return "".join(found)


def _formula(source: str) -> str:
    """MathML, with what was typed; empty for what is not a formula."""
    try:
        return convert(source).replace("<math ", f'<math alttext="{escape(source)}" ', 1)
    except Exception:  # what is not a formula stays as it was typed
        return ""


class _Typed(HTMLParser):
    MARKS = {"strong": "**", "b": "**", "em": "_", "i": "_"}
    ENDS = {"p": "\n\n", "div": "\n", "ul": "\n\n", "ol": "\n\n", "table": "\n\n", "li": "\n", "tr": "\n", "h3": "\n\n",
            "h4": "\n\n", "blockquote": "\n\n", "pre": "\n\n", "td": " ", "th": " "}  # fmt: skip

    def __init__(self):
        super().__init__()
        self.found: list[str] = []
        self.in_formula, self.href = False, ""

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "math":
            self.in_formula = "alttext" in values
            self.found.append(f"${values['alttext']}$" if self.in_formula else "")
        elif tag == "a":
            self.href = values.get("href") or ""
        else:
            self.found.append({"br": "\n", "li": "- "}.get(tag, self.MARKS.get(tag, "")))

    def handle_endtag(self, tag):
        if tag == "math":
            self.in_formula = False
        elif tag == "a" and self.href and self.found and self.found[-1] != self.href:
            self.found.append(f" ({self.href})")
        self.found.append(self.MARKS.get(tag, self.ENDS.get(tag, "")))

    def handle_data(self, data):
        if not self.in_formula:
            self.found.append(data)


def typed(html: str) -> str:
    """What to type to get this again: no tag is ever shown to a teacher, no formula is lost."""
    parser = _Typed()
    parser.feed(html)
    parser.close()
    return re.sub(r"\n{3,}", "\n\n", "".join(parser.found)).strip()


def plain(html: str) -> str:
    """The words alone, for a line of a list or a PDF."""
    spaced = MATH.sub(lambda found: found[1], html)
    spaced = re.sub(r"</(p|li|div|h3|h4|tr)>|<br>", "\n", spaced)
    text = nh3.clean(spaced, tags=set())
    for name, sign in (("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&quot;", '"')):
        text = text.replace(name, sign)
    return re.sub(r"[ \t]*\n\s*", "\n", text).strip()
