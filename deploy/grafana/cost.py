"""What it costs, how many it reaches, and who does not want it."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana.board import PROVIDER, board
from deploy.grafana.parts import A_SECOND, Query, Step, above, figure, graph, row

_OF = 'provider=~"$provider"'


def cost() -> Dashboard:
    """The dashboard."""
    now = (
        figure(
            "Cost",
            "Of messages that providers took, in the time shown.",
            "currency:¥",
            Query(f"sum(increase(orderbell_cost_yuan_total{{@, {_OF}}}[$__range]))"),
            decimals=2,
        ),
        figure(
            "Segments",
            "Billed parts of text messages, in the time shown.",
            "short",
            Query(f"sum(increase(orderbell_segments_total{{@, {_OF}}}[$__range]))"),
            decimals=0,
        ),
        figure(
            "Segments saved",
            "Of what one message for each exception would have cost, the share that merging saved.",
            "percentunit",
            Query("""sum(increase(orderbell_segments_saved_total{@}[$__range]))
                / (
                    sum(increase(orderbell_segments_saved_total{@}[$__range]))
                    + sum(increase(orderbell_segments_total{@}[$__range]))
                )"""),
            steps=(Step("green"),),
            decimals=1,
        ),
        figure(
            "Cost of one notice told",
            "All that was paid, by the notices that were sent or merged.",
            "currency:¥",
            Query("""sum(increase(orderbell_cost_yuan_total{@}[$__range]))
                / sum(increase(orderbell_decisions_total{@, outcome=~"sent|merged"}[$__range]))"""),
            decimals=3,
        ),
        figure(
            "Told, of what had to be",
            "Of the notices that were sent, merged, failed or expired, those that were sent or merged.",
            "percentunit",
            Query("""sum(increase(orderbell_decisions_total{@, outcome=~"sent|merged"}[$__range]))
                / sum(increase(orderbell_decisions_total{@, outcome=~"sent|merged|failed|expired"}[$__range]))"""),
            steps=above(0.9, 0.98),
            runbook="OrderbellNoticesFail",
            decimals=1,
        ),
        figure(
            "Numbers stopped",
            "Words in the opt-out ledger.",
            "short",
            Query("max(orderbell_ledger_entries{@})"),
            runbook="OrderbellOptOutSpike",
        ),
    )
    money = (
        graph(
            "Cost an hour, by provider",
            "CNY.",
            "currency:¥",
            Query(
                f"3600 * sum by (provider) (rate(orderbell_cost_yuan_total{{@, {_OF}}}[$__rate_interval]))",
                "{{provider}}",
            ),
            runbook="OrderbellBudgetSpent",
            stacked=True,
        ),
        graph(
            "Segments an hour, sent and saved",
            "Saved: what messages of several exceptions needed less than one for each.",
            "short",
            Query(
                f"3600 * sum by (provider) (rate(orderbell_segments_total{{@, {_OF}}}[$__rate_interval]))",
                "{{provider}}",
            ),
            Query("3600 * sum(rate(orderbell_segments_saved_total{@}[$__rate_interval]))", "saved"),
        ),
        graph(
            "Merged share",
            "Of the notices told, those that rode in another's message.",
            "percentunit",
            Query(
                """sum(rate(orderbell_decisions_total{@, outcome="merged"}[$__rate_interval]))
                / (sum(rate(orderbell_decisions_total{@, outcome=~"sent|merged"}[$__rate_interval])) > 0)""",
                "merged",
            ),
        ),
    )
    reach = (
        graph(
            "Messages taken, by provider",
            "The inbox is our own.",
            A_SECOND,
            Query(
                'sum by (provider) (rate(orderbell_receipts_total{@, status="accepted"}[$__rate_interval]))',
                "{{provider}}",
            ),
            stacked=True,
        ),
        graph(
            "Kept from being told",
            "By the customer's wish, the law, a cap, a budget or a switch.",
            A_SECOND,
            Query(
                'sum by (reason) (rate(orderbell_decisions_total{@, outcome="suppressed"}[$__rate_interval])) > 0',
                "{{reason}}",
            ),
            runbook="OrderbellBudgetSpent",
            stacked=True,
        ),
        graph(
            "Customers whom nothing reaches",
            "no_contact: not known, or without an address; bad_number: it can't be read, or does not exist.",
            A_SECOND,
            Query(
                """sum by (reason) (
                    rate(orderbell_decisions_total{@, reason=~"no_contact|bad_number"}[$__rate_interval])
                )""",
                "{{reason}}",
            ),
            runbook="OrderbellCustomersUnknown",
            stacked=True,
        ),
    )
    wishes = (
        graph(
            "Stops an hour",
            "Learnt by the owner's reply, a carrier's receipt, or the vendor's own list at a call.",
            "short",
            Query(
                "3600 * sum by (provider, source) (rate(orderbell_opt_outs_total{@}[$__rate_interval]))",
                "{{provider}}, {{source}}",
            ),
            runbook="OrderbellOptOutSpike",
        ),
        graph(
            "Replies, by what they stop",
            "all: every text message; marketing; nothing: anything else that was written.",
            A_SECOND,
            Query(
                "sum by (provider, stops) (rate(orderbell_replies_total{@}[$__rate_interval]))",
                "{{provider}}, {{stops}}",
            ),
        ),
        graph(
            "Tasks for humans, and coupons",
            "For VIPs and costly orders; and for new customers, an apology.",
            A_SECOND,
            Query("sum by (reason) (rate(orderbell_service_tasks_total{@}[$__rate_interval]))", "task, {{reason}}"),
            Query("sum by (kind) (rate(orderbell_coupons_granted_total{@}[$__rate_interval])) > 0", "coupon, {{kind}}"),
        ),
    )
    return board(
        "orderbell-cost",
        "Cost and reach",
        "What it costs, how many it reaches, and who does not want it.",
        [
            (row("In the time shown"), now),
            (row("Money"), money),
            (row("Reach"), reach),
            (row("What customers say"), wishes),
        ],
        [PROVIDER],
    )
