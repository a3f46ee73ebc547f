"""The keys that only the whole schema has: how many objects are made, shown and analysed.

Nothing here is used by this service; it is kept as it came, when it is what SampleDB takes.
Source: the SampleDB specification, 4.1.
"""

from __future__ import annotations

from string import Formatter
from typing import Any
from urllib.parse import urljoin

from domain.schemas.sampledb.making import Making, is_int, refuse, require, require_names
from domain.schemas.sampledb.reading import Json, keys
from domain.schemas.sampledb.references import is_filter, require_operators

KEYS = frozenset(
    {
        "displayProperties",
        "batch",
        "batch_name_format",
        "notebookTemplates",
        "workflow_view",
        "workflow_views",
    }
)
_IDS = (
    "referencing_action_id",
    "referenced_action_id",
    "referencing_action_type_id",
    "referenced_action_type_id",
)
_OPERATORS = ("referencing_filter_operator", "referenced_filter_operator")
_FILTERS = frozenset({*_IDS, *_OPERATORS, "max_depth"})
_VIEW = frozenset(
    {*_IDS, *_OPERATORS, "title", "show_action_info", "sorting_properties", "recursion_filters"}
)
_NOTEBOOKS = "https://notebooks.invalid/t/"  # a place that relative addresses stay below
_NOTEBOOK = frozenset({"title", "url", "params"})


def check(schema: Json, making: Making) -> None:
    """Pass when the keys of the root are right. Raises Invalid."""
    require_names(schema, "displayProperties", (), what="display property")
    require(schema, "batch", bool, "batch must be bool", ())
    if "batch_name_format" in schema:
        _check_batch(schema)
    _check_notebooks(schema.get("notebookTemplates", []))
    if "workflow_view" in schema and "workflow_views" in schema:
        refuse("workflow_view and workflow_views are mutually exclusive", ())
    views = schema.get("workflow_views", [])
    if not isinstance(views, list):
        refuse("workflow_views must be list", ())
    for place, view in enumerate([schema["workflow_view"]] if "workflow_view" in schema else views):
        _check_view(view, f"workflow_view {place}", making)


def _check_batch(schema: Json) -> None:
    if not schema.get("batch"):
        refuse("batch must be True for batch_name_format to be set", ())
    name = schema["batch_name_format"]
    if not isinstance(name, str):
        refuse("batch_name_format must be a string", ())
    if not _is_format(name):
        refuse("invalid batch_name_format", ())


def _is_format(text: str) -> bool:
    """Whether a text is a format of one number, without what could make it endless."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        return False
    fields = [(name, spec) for _, name, spec, _ in parts if name is not None]
    if len(fields) > 1 or any(name not in ("", "0") for name, _ in fields):
        return False
    if any(len(spec or "") > 4 for _, spec in fields):
        return False
    try:
        text.format(1)
    except (ValueError, LookupError, AttributeError):
        return False
    return True


def _check_notebooks(notebooks: Any) -> None:
    if not isinstance(notebooks, list):
        refuse("notebookTemplates must be a list", ("notebookTemplates",))
    for place, notebook in enumerate(notebooks):
        path = ("notebookTemplates", place)
        if not isinstance(notebook, dict):
            refuse("notebook template must be a dict", path)
        if unknown := notebook.keys() - _NOTEBOOK:
            refuse(f"unexpected keys in notebook template: {keys(unknown)}", path)
        if missing := _NOTEBOOK - notebook.keys():
            refuse(f"missing keys in notebook template: {keys(missing)}", path)
        for key in ("title", "url"):
            require(notebook, key, str, f"notebook template {key} must be str", path)
        if not notebook["url"].endswith(".ipynb"):
            refuse("notebook template url must end with .ipynb", path)
        if not _is_below(notebook["url"]):
            refuse("notebook template url must be relative", path)
        require(notebook, "params", dict, "notebook template params must be a dict", path)
        for value in notebook["params"].values():
            steps = value if isinstance(value, list) else ()
            if not isinstance(value, list) and value != "object_id":
                refuse("notebook template param value must be a list or 'object_id'", path)
            if not all(isinstance(step, str | int) for step in steps):
                refuse("notebook template param value steps must be str or int", path)


def _is_below(address: str) -> bool:
    try:
        return urljoin(_NOTEBOOKS, address).startswith(_NOTEBOOKS)
    except ValueError:
        return False


def _check_view(view: Any, what: str, making: Making) -> None:
    if not isinstance(view, dict):
        refuse(f"{what} must be a dict", ())
    _check_filters(view, _VIEW, what)
    making.text(view, "title", (), blank=not making.strict)
    require(view, "show_action_info", bool, f"show_action_info in {what} must be bool", ())
    names = view.get("sorting_properties", [])
    if not isinstance(names, list):
        refuse(f"sorting_properties in {what} must be list", ())
    if not all(isinstance(name, str) and name and "__" not in name for name in names):
        refuse(f"sorting_properties in {what} must be property names", ())
    if "recursion_filters" in view:
        filters = view["recursion_filters"]
        if not isinstance(filters, dict):
            refuse(f"recursion_filters in {what} must be a dict", ())
        _check_filters(filters, _FILTERS, f"recursion_filters in {what}")
        depth = filters.get("max_depth", 1)
        if not is_int(depth) or depth < 1:
            refuse(f"max_depth in recursion_filters in {what} must be a positive int", ())


def _check_filters(filters: Json, known: frozenset[str], what: str) -> None:
    for key in filters:
        if key not in known:
            refuse(f"invalid key in {what}: {key[:200]}", ())
    for key in _IDS:
        if not is_filter(filters.get(key)):
            refuse(f"{key} in {what} must be int, None or a list of ints", ())
    require_operators(filters, _OPERATORS, ())
