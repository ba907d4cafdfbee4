"""The page that shows the default messages as they arrive: ``python -m orderbell.messages_page > docs/messages.html``.

All words come from the program's own code; what is drawn around them is a likeness of a telephone, no more.
"""
