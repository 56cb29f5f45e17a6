"""`saphan report`."""

from adapters.cli.report import PARTS


def test_the_report_has_every_count_on_one_page(saphan):
    done = saphan("report")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line for line in lines if line.startswith("#")] == [f"# {heading}" for heading in PARTS]
    assert "needs  open: 0  in talks: 0  met: 0  withdrawn: 0" in lines
    assert saphan("groups", "list").stdout in done.stdout
    assert saphan("survey").stdout in done.stdout
