"""The sender: every command ends in one outcome, and nobody is told twice.

**A notice** (a notify command) is *held*, then *planned*: each contact that is to hear gets a notification. It is over
when all of these have ended. Its decision is written once: with the first acceptance by a provider, else when it is
over, by the weightiest way in which one of them ended.

**A notification** waits, has one attempt under way, or has ended::

            ┌──────── refused, not begun, not taken ────────┐
            ▼                                               │
    ──► waits ───── last look, slot ────► under way ────────┤
            │                                               ├── accepted ──► ended: sent
            └─ settled, erased, opted out, expired, .. ─► ended ◄── not to be learnt ──► ended: in doubt

**An attempt** only moves up::

    sending ──► accepted ──────────────────────► delivered | undelivered | no_report
       │  └───► rejected (forgotten)   ▲   ▲
       └──────► unknown ───────────────┘   │  an answer, a report
                   └──► not taken ─────────┘  a report that comes after all

The rules that keep a contact from being told twice:

1. ``sending`` is written before the call begins, in the turn of the last look. So a crash leaves an attempt that may
   have been taken, never a message that is not on record.
2. A new attempt begins only when the one before is known not to have been taken: the provider said no, the call was
   never begun, or the provider, asked 45 s after the start or later, does not know it.
3. What can't be learnt is never repeated.
4. A result, report or answer is matched to its attempt by number, and moves it up or not at all. So they may come in
   any order and any number of times, and be lost.
5. What is over (settled, closed, erased) is folded into the outbox when it comes, and looked for nowhere else: what
   still waits there may go. What is under way can't be called back, and ends so only if it was not taken.

What comes is only folded in (``arrival``, ``results``); what follows is done when it is due (``due``), after all that
came with it. Everything in an outbox has an end, at which it leaves: the deadline of the entry is the earliest of them.
"""
