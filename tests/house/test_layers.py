"""Imports point down, as the contracts in pyproject.toml say."""

from __future__ import annotations

import pytest
from importlinter.cli import lint_imports

from tests.house.source import ROOT


def test_the_contracts_hold(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    failed = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert not failed, capsys.readouterr().out
