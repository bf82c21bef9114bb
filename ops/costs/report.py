"""The bill for people."""

from collections.abc import Sequence

from ops.costs.bill import Line, Option, total
from ops.costs.prices import PriceTable


def report(lines: Sequence[Line], options: Sequence[Option], table: PriceTable) -> str:
    """Item by item, the sum, then what each option would save; * marks prices that are not confirmed."""
    width = max(len(line.name) for line in lines) + 2
    shown = [f"{'':{width}}{'$ a month':>12}{'$ an hour':>12}   quantity and price"]
    shown += [_line(line, width) for line in lines]
    whole = total(lines)
    shown.append(f"{'Total':{width}}{whole:12,.2f}{whole / 730:12,.4f}")
    if options:
        saving = max(len(option.setting) for option in options) + 2
        shown += ["", f"{'Each would save':{saving}}{'$ a month':>12}"]
        shown += [f"{option.setting:{saving}}{option.saves:12,.2f}" for option in options]
    shown += [
        "",
        f"Prices of {table.date}, {table.region}, without free tiers and discounts; * not confirmed.",
    ]
    return "\n".join(shown)


def _line(line: Line, width: int) -> str:
    mark = "" if line.price.confirmed else " *"
    amount = f"{line.quantity:,.2f}".rstrip("0").rstrip(".")
    price = f"{line.price.usd:.10f}".rstrip("0").rstrip(".")
    costs = f"{line.name:{width}}{line.month:12,.2f}{line.hour:12,.4f}"
    return f"{costs}   {amount} x ${price} per {line.price.per}{mark}"
