"""A drill's result document for tests of what is made of it."""

from typing import Any


def recovery(seconds: float, *, settled: bool = True) -> dict[str, Any]:
    return {
        "seconds": seconds,
        "firstServedByNew": 1.2,
        "lastServedByOld": seconds,
        "lastFailure": None,
        "failed": 1,
        "requests": 200,
        "settled": settled,
    }


def parts(moving: float) -> dict[str, float | None]:
    return {"noticing": None, "deciding": 0.0, "switching": 0.1, "moving": moving}


def result(**fields: Any) -> dict[str, Any]:
    """An evacuation of east and back; `fields` replace members."""
    document: dict[str, Any] = {
        "ok": True,
        "target": "twin",
        "scenario": "evacuate",
        "region": "us-east-1",
        "domain": "orders.example.com",
        "startedAt": "2026-11-24T03:00:00.000+00:00",
        "parameters": {
            "rate": 20.0,
            "hosts": 8,
            "dnsTtl": 10.0,
            "poolAge": 10.0,
            "seed": 4,
            "regions": ["us-east-1", "us-west-2"],
        },
        "timeline": {
            "killed": None,
            "revived": None,
            "switch": {"sent": 8.2, "accepted": 8.3},
            "back": {"sent": 20.0, "accepted": 20.1},
            "ended": 30.0,
        },
        "rto": {
            "switch": {"fresh": recovery(7.3), "pooled": recovery(11.2)},
            "back": {"fresh": recovery(6.1), "pooled": recovery(9.9, settled=False)},
        },
        "rtoParts": {
            "switch": {"fresh": parts(7.2), "pooled": parts(11.1)},
            "back": {"fresh": parts(6.0), "pooled": parts(9.8)},
        },
        "requests": {"requests": 600, "ok": 590, "stale": 6, "failed": 4},
        "rpo": {"missing": 7, "oldestAge": 0.914, "readTook": 0.04, "orderIds": []},
        "replicationLag": {
            "configured": {"p50": 0.8, "p99": 1.2},
            "measured": {"all": {"samples": 80, "p50": 0.82, "p99": 1.2, "max": 1.31}},
            "reported": {},
        },
        "orders": {
            "acknowledged": 740,
            "lost": 0,
            "missingSomewhere": 0,
            "everyAcknowledgedOrderInEveryRegion": True,
            "soldTwice": 0,
        },
        "bounds": [
            {"name": "orders lost", "bound": 0, "value": 0, "kept": True, "unit": "orders", "note": ""},
            {
                "name": "RTO of pooled clients, back",
                "bound": 25.0,
                "value": 9.9,
                "kept": False,
                "unit": "s",
                "note": "why",
            },
        ],
        "perSecond": {"failed": [0, 2, 0], "us-east-1": [10, 8, 0], "us-west-2": [10, 10, 20]},
    }
    return document | fields
