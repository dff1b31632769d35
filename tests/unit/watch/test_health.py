"""Health reports what fails; it never raises."""

from fraud.errors import UnavailableError
from fraud.watch.health import FAIL, PASS, WARN, Verdict, examine


def ok() -> Verdict:
    return Verdict(PASS, "fine")


def down() -> Verdict:
    raise UnavailableError("no answer")


def odd() -> Verdict:
    raise ZeroDivisionError("secret words")


def unsure() -> Verdict:
    return Verdict(WARN, "hm")


def test_all_passing_is_healthy() -> None:
    report = examine({"a": ok, "b": ok}, lambda: "v1.0.0")
    assert (report.status, report.active_version) == ("healthy", "v1.0.0")


def test_a_warning_degrades_and_a_failure_is_unhealthy() -> None:
    assert examine({"a": ok, "b": unsure}, lambda: None).status == "degraded"
    assert examine({"a": down, "b": unsure}, lambda: None).status == "unhealthy"


def test_a_check_that_raises_is_reported_by_kind_and_the_others_still_run() -> None:
    report = examine({"odd": odd, "down": down, "ok": ok}, lambda: None)
    assert [(one.name, one.status, one.detail) for one in report.checks] == [
        ("odd", FAIL, "failed with ZeroDivisionError"),
        ("down", FAIL, "no answer"),
        ("ok", PASS, "fine"),
    ]


def test_an_unreadable_active_version_is_none() -> None:
    def unreadable() -> str:
        raise UnavailableError("no answer")

    assert examine({"ok": ok}, unreadable).active_version is None
