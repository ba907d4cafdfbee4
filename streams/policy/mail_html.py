"""The form of a letter that mail readers show: HTML without an image, a link or a script.

Readers know no style sheets that they can be relied on to keep, so each element carries its own style; the one sheet
there is says only what is dark where the reader is. Tables hold the page together, for that is what all readers draw
alike. On a telephone it is as wide as the screen: nothing has a fixed width, and what has no place to break breaks
anywhere. Whatever is written into it is escaped.
"""

from html import escape

from streams.policy.letter import Letter
from streams.policy.mail_texts import Section

_FONT = "-apple-system,'PingFang SC','Hiragino Sans GB','Microsoft YaHei','Noto Sans CJK SC',Roboto,Arial,sans-serif"
_TEXT, _MUTED, _LINE, _NOTE, _CARD, _PAGE = "#1f2328", "#59636e", "#d8dde3", "#f2f4f7", "#ffffff", "#eceff3"
_MARK = "#8a4b1f"
_DARK = (
    ":root{color-scheme:light dark}"
    "@media (prefers-color-scheme:dark){"
    ".page{background:#14161a!important}.card{background:#1f2329!important}"
    ".text{color:#e8eaed!important}.muted{color:#a5adb8!important}.mark{color:#e8b48a!important}"
    ".line{border-color:#3a414b!important}.note{background:#2a3038!important}}"
)
_BREAK = "overflow-wrap:anywhere;word-break:break-word"


def html(letter: Letter) -> str:
    """The letter as a page of its own."""
    several = len(letter.sections) > 1
    body = [_heading(letter.title, 1)]
    body += [_paragraph(line) for line in letter.opening]
    for number, section in enumerate(letter.sections, 1):
        body.append(_section(section, letter.next, f"{number}. " if several else None))
    body += [_paragraph(line) for line in letter.closing]
    body.append(_note(letter.safety))
    return _page(letter, "".join(body))


def _section(section: Section, following: str, number: str | None) -> str:
    parts = [] if number is None else [_rule(), _heading(number + section.title, 2)]
    parts += [_paragraph(line) for line in section.happened]
    if section.details:
        parts.append(_rows(section.details))
    if section.steps:
        parts += [_label(following), _steps(section.steps)]
    return "".join(parts)


def _heading(text: str, level: int) -> str:
    size, above = (21, 0) if level == 1 else (17, 20)
    style = f"margin:{above}px 0 14px;font-size:{size}px;line-height:1.45;font-weight:700;color:{_TEXT};{_BREAK}"
    return f'<h{level} class="text" style="{style}">{escape(text)}</h{level}>'


def _paragraph(text: str) -> str:
    style = f"margin:0 0 14px;font-size:16px;line-height:1.7;color:{_TEXT};{_BREAK}"
    return f'<p class="text" style="{style}">{escape(text)}</p>'


def _label(text: str) -> str:
    style = f"margin:6px 0 8px;font-size:16px;line-height:1.5;font-weight:700;color:{_TEXT}"
    return f'<p class="text" style="{style}">{escape(text)}</p>'


def _rows(rows: tuple[tuple[str, str], ...]) -> str:
    """Labels and values side by side, both of which may have several lines."""
    cell = f"padding:9px 0;border-bottom:1px solid {_LINE};font-size:15px;line-height:1.5;text-align:left"
    cell += f";vertical-align:top;{_BREAK}"
    lines = "".join(
        f'<tr><th class="muted line" scope="row" width="32%" style="{cell};padding-right:12px;font-weight:400;'
        f'color:{_MUTED}">{escape(label)}</th>'
        f'<td class="text line" style="{cell};color:{_TEXT}">{escape(shown)}</td></tr>'
        for label, shown in rows
    )
    style = f"width:100%;margin:0 0 18px;table-layout:fixed;border-collapse:collapse;border-top:1px solid {_LINE}"
    return f'<table class="line" width="100%" cellpadding="0" cellspacing="0" style="{style}">{lines}</table>'


def _steps(steps: tuple[str, ...]) -> str:
    if len(steps) == 1:
        return _paragraph(steps[0])
    item = f"margin:0 0 8px;font-size:16px;line-height:1.7;color:{_TEXT};{_BREAK}"
    items = "".join(f'<li class="text" style="{item}">{escape(step)}</li>' for step in steps)
    return f'<ol class="text" style="margin:0 0 16px;padding:0 0 0 24px;color:{_TEXT}">{items}</ol>'


def _rule() -> str:
    return f'<div class="line" style="margin:22px 0 0;border-top:1px solid {_LINE};font-size:0;line-height:0"></div>'


def _note(text: str) -> str:
    style = f"margin:20px 0 0;padding:12px 14px;border-radius:8px;background:{_NOTE}"
    style += f";font-size:14px;line-height:1.6;color:{_TEXT};{_BREAK}"
    return f'<p class="note text" style="{style}">{escape(text)}</p>'


def _page(letter: Letter, body: str) -> str:
    title, signature, footer = escape(letter.title), escape(letter.signature), escape(letter.footer)
    table = 'role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"'
    small = f"font-size:13px;line-height:1.6;color:{_MUTED}"
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="supported-color-schemes" content="light dark">\n'
        '<meta name="format-detection" content="telephone=no,date=no,address=no,email=no">\n'
        f"<title>{title}</title>\n<style>{_DARK}</style>\n</head>\n"
        f'<body class="page" style="margin:0;padding:0;background:{_PAGE}">\n'
        f'<table class="page" {table} style="background:{_PAGE};font-family:{_FONT}"><tr>'
        '<td align="center" style="padding:16px 10px">\n'
        f'<table class="card" {table} style="max-width:600px;background:{_CARD};border-radius:10px;'
        'table-layout:fixed"><tr><td style="padding:22px 20px 24px">\n'
        f'<p class="mark" style="margin:0 0 14px;font-size:14px;line-height:1.4;font-weight:700;color:{_MARK}">'
        f"{signature}</p>\n{body}\n</td></tr></table>\n"
        f'<p class="muted" style="margin:14px 10px 6px;{small}">{footer}</p>\n'
        "</td></tr></table>\n</body>\n</html>\n"
    )
