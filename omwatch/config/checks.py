"""Checks: a probe pointed at something, from one ``[checks.NAME]`` table each."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from omwatch.config.keys import CHECKS, Vocabulary, default_probe, dotted, fields_of
from omwatch.config.layers import Layers
from omwatch.config.models import CheckTable, Judge
from omwatch.config.problems import Problem, suggest
from omwatch.config.settings import Check
from omwatch.config.validation import validate

_NAME = re.compile(r"[a-z0-9-]+")


def build_checks(layers: Layers, vocabulary: Vocabulary, judge: Judge) -> tuple[dict[str, Check], list[Problem]]:
    """Return the checks that are in order, and what is wrong with the others.

    Args:
        layers: every value, and its place.
        vocabulary: which keys there are, and the probes.
        judge: what holds for checks that say nothing else.
    """
    tables = layers.tree.get(CHECKS, {})
    checks: dict[str, Check] = {}
    problems: list[Problem] = []
    for name, table in tables.items() if isinstance(tables, dict) else ():
        built, troubles = _build(name, table, layers, vocabulary)
        problems += troubles
        if built is not None and not troubles:
            checks[name] = _check(name, *built, judge)
    return checks, problems


def _build(
    name: str, table: object, layers: Layers, vocabulary: Vocabulary
) -> tuple[tuple[CheckTable, BaseModel | None] | None, list[Problem]]:
    path = (CHECKS, name)
    if not isinstance(table, dict):
        message = f"must be a table: [{dotted(path)}] and its keys below"
        return None, [Problem(layers.where(path), dotted(path), message)]
    problems = list(_naming_problems(name, table, layers, vocabulary))
    common = {key: value for key, value in table.items() if key in CheckTable.model_fields}
    model = vocabulary.settings(name, table)
    own = {key: value for key, value in table.items() if key not in common}
    checked, troubles = validate(CheckTable, common, path, layers, vocabulary)
    problems += troubles
    settings: BaseModel | None = None
    if model is not None:
        known = {key: value for key, value in own.items() if key in fields_of(model)}
        settings, troubles = validate(model, known, path, layers, vocabulary)
        problems += troubles
        problems += _unknown_keys(own.keys() - known.keys(), path, layers, vocabulary)
    return ((checked, settings) if checked else None), problems


def _naming_problems(name: str, table: Mapping[str, Any], layers: Layers, vocabulary: Vocabulary) -> Iterator[Problem]:
    path = (CHECKS, name)
    if not _NAME.fullmatch(name):
        message = "a check's name is made of small letters, digits and dashes, such as 'agent-login'"
        yield Problem(layers.where(path), dotted(path), message)
        return
    probe = table.get("probe", default_probe(name))
    if isinstance(probe, str) and probe not in vocabulary.probes:
        key = (*path, "probe")
        yield Problem(
            layers.where(key), dotted(key), f"no probe '{probe}' in probes/" + suggest(probe, vocabulary.probes)
        )


def _unknown_keys(keys: set[str], path: tuple[str, ...], layers: Layers, vocabulary: Vocabulary) -> Iterator[Problem]:
    for key in keys:
        known = vocabulary.names(path) or ()
        yield Problem(layers.where((*path, key)), dotted((*path, key)), "unknown key" + suggest(key, known))


def _check(name: str, table: CheckTable, settings: BaseModel | None, judge: Judge) -> Check:
    return Check(
        name=name,
        probe=table.probe or default_probe(name),
        component=table.component,
        every_seconds=table.every,
        deadline_seconds=table.deadline,
        population=table.population,
        supporting=table.supporting,
        minimum=judge.minimum if table.minimum is None else table.minimum,
        noise_per_mille=table.noise,
        max_body_bytes=table.max_body,
        enabled=table.enabled,
        settings=settings,
    )
