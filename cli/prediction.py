"""A prediction on a terminal: verdict, risk, and the exact share of each factor as a bar; of a batch one row each."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.render import Body, add_row, grid

BAR_CELLS = 20


def prediction_card(body: Body) -> RenderableType:
    """Verdict and risk, the factors, and what else the caller should know."""
    why = body["explanation"]
    return Group(_verdict(body), _facts(body), "", _factors(why), *_notes(body))


def batch_table(body: Body) -> RenderableType:
    """One row an answer, then one line an item that has none."""
    table = grid("transaction", "verdict", "risk", "probability", "version", "")
    for one in body["predictions"]:
        verdict = Text("fraud", "red") if one["is_fraud"] else Text("legitimate", "green")
        stored = "stored answer" if one["cache_hit"] else ""
        add_row(
            table,
            one["transaction_id"],
            verdict,
            one["risk_score"],
            f"{one['fraud_probability']:.4f}",
            one["model_version"],
            stored,
        )
    failed = [
        f"item {one['index']} ({one['transaction_id'] or 'no id'}): {one['error']['code']}: {one['error']['message']}"
        for one in body["errors"]
    ]
    answered = len(body["predictions"])
    total = f"{answered} of {answered + len(failed)} answered in {body['total_processing_time_ms']:g} ms"
    return Group(table, *(Text(line, "red") for line in failed), total)


def bar(share: float) -> str:
    """A bar of a share in [0, 1], at least one cell for anything that is not zero."""
    cells = round(min(1.0, share) * BAR_CELLS)
    return "█" * max(cells, 1 if share > 0 else 0)


def _verdict(body: Body) -> Text:
    verdict = Text(" FRAUD ", "bold white on red") if body["is_fraud"] else Text(" LEGITIMATE ", "bold black on green")
    gauge = bar(body["risk_score"] / 100).ljust(BAR_CELLS, "░")
    advice = body["explanation"]["recommendation"]
    return Text.assemble(verdict, f" risk {body['risk_score']:g}/100 {gauge} recommendation: {advice}")


def _facts(body: Body) -> str:
    cached = ", stored answer" if body["cache_hit"] else ""
    return (
        f"{body['transaction_id']}: probability {body['fraud_probability']:.6g}, model {body['model_version']}, "
        f"{body['processing_time_ms']:g} ms{cached}"
    )


def _factors(why: Body) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    rows = [(one, "red") for one in why["risk_factors"]] + [(one, "green") for one in why["protective_factors"]]
    longest = max((abs(one["contribution"]) for one, _ in rows), default=0.0) or 1.0
    for one, colour in rows:
        share = abs(one["contribution"]) / longest
        table.add_row(
            Text(f"{one['factor']} = {one['value']:.6g}"),
            Text(f"{one['contribution']:+.4g}", colour),
            Text(bar(share), colour),
        )
    return table


def _notes(body: Body) -> list[str]:
    why = body["explanation"]
    notes = [f"base {why['base']:.4g} + the above + other {why['other']:.4g} = {why['margin']:.4g} ({why['unit']})"]
    notes += [f"{one['points']:+g} risk points: {one['reason']}" for one in why.get("adjustments", [])]
    if body["imputed_features"]:
        notes.append(f"filled with the training median: {', '.join(body['imputed_features'])}")
    return notes
