"""Questions about metrics that the emulator would answer wrongly: metric maths and other statistics."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import ministack.services.cloudwatch as emulated

from twin.aws.hooks import HookedName, declare, replace
from twin.core import Core

_MODULE = "ministack.services.cloudwatch"
_HANDLER = "(params, cbor_data, is_cbor, is_json)"
_STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
_PERCENTILE = re.compile(r"^[pP]\d{1,2}(\.\d+)?$|^[pP]100$")
declare(
    HookedName(module=_MODULE, attribute="_error", signature="(code, message, status, use_json, use_cbor)")
)

Handler = Callable[..., Any]


def install(core: Core) -> None:
    """Hook the two operations that read metrics, and how they read dimensions."""
    del core
    for operation, attribute in (
        ("GetMetricData", "_get_metric_data"),
        ("GetMetricStatistics", "_get_metric_statistics"),
    ):
        replace(HookedName(module=_MODULE, attribute=attribute, signature=_HANDLER), _checking(operation))
    replace(
        HookedName(module=_MODULE, attribute="_dims_from_list", signature="(dimensions)"), _empty_means_none
    )


class _Dimensions(dict[str, str]):
    """Dimensions asked for; the emulator takes an empty dictionary to mean any, where AWS means none."""

    def __bool__(self) -> bool:
        return True


def _empty_means_none(original: Handler) -> Handler:
    return lambda dimensions: _Dimensions(original(dimensions))


def _checking(operation: str) -> Callable[[Handler], Handler]:
    def make(original: Handler) -> Handler:
        def handler(
            params: Mapping[str, Any], cbor_data: Mapping[str, Any], is_cbor: bool, is_json: bool = False
        ) -> Any:
            lacking = next(unanswerable(cbor_data), None)
            if lacking is None:
                return original(params, cbor_data, is_cbor, is_json)
            message = f"not in the twin: cloudwatch.{operation} with {lacking}"
            return emulated._error("NotImplemented", message, 501, use_json=is_json, use_cbor=is_cbor)

        return handler

    return make


def unanswerable(document: Mapping[str, Any]) -> Iterator[str]:
    """What is asked that the twin lacks."""
    queries = document.get("MetricDataQueries") or []
    expressions = [query["Expression"] for query in queries if query.get("Expression")]
    statistics = [query["MetricStat"]["Stat"] for query in queries if "MetricStat" in query]
    statistics += document.get("ExtendedStatistics") or []
    yield from (f"the expression {expression}" for expression in expressions)
    yield from (
        f"the statistic {name}"
        for name in statistics
        if name not in _STATISTICS and not _PERCENTILE.match(name)
    )
