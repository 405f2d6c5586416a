"""Checks of how callers get into a queue."""

from tests.unit.config.files import changed, mistakes


def test_services_of_one_queue_name_one_exit_context() -> None:
    sales = "\n  sales: {queue: support, numbers: ['+358912345679'], name: {fi: Myynti}, exit_context: %s}\n"
    first = changed("queue: support ", "exit_context: ivr-1\n    queue: support ")
    assert mistakes(first + sales % "ivr-1") == []
    assert mistakes(first + sales % "null") == []
    assert mistakes(first + sales % "ivr-2") == [
        "services.sales.exit_context: is another one than that of support, and queue support has one exit context; "
        "write the same"
    ]
