"""What is wanted at a moment. No Qt."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from viewer.moment import Moment, Query
from viewer.pages.filter import queries as filter_queries
from viewer.pages.filter.input_queries import INPUT
from viewer.shelf import Shelf, picture_query


def queries(moment: Moment, shelf: Shelf) -> list[Query[Any]]:
    """The open picture, what the workspace in front shows, and the output, which scripts may read at any time."""
    picture = picture_query(moment.state, shelf)
    wanted: list[Query[Any]] = [] if picture is None else [picture]
    # What the other workspaces stand on is loaded with them.
    if moment.state.session.folder.is_open:
        from viewer.pages.folder import queries as folder_queries

        wanted.extend(folder_queries.queries(moment))
    if moment.state.session.on_stage:
        from viewer.pages.stage import queries as stage_queries

        return [*wanted, *filter_queries.queries(moment), *stage_queries.queries(moment)]
    workspace = moment.state.session.workspace
    if workspace == "layers":
        from viewer.pages.layers import queries as layers_queries

        wanted.extend(layers_queries.queries(moment))
    elif workspace == "gradient":
        from viewer.pages.gradient import queries as gradient_queries
        from viewer.pages.learned import queries as learned_queries

        wanted.extend(gradient_queries.queries(moment))
        wanted.extend(learned_queries.queries(moment))
    elif workspace == "network":
        wanted.extend(_network_queries(moment))
    else:
        return [*wanted, *filter_queries.queries(moment)]
    return [*wanted, *map(_unhurried, filter_queries.queries(moment))]


def _network_queries(moment: Moment) -> list[Query[Any]]:
    if moment.state.session.network.side == "train":
        from viewer.pages.network.train import queries as train_queries

        return train_queries.queries(moment)
    from viewer.pages.network import below_queries, why_queries
    from viewer.pages.network import queries as network_queries

    return [*network_queries.queries(moment), *why_queries.queries(moment), *below_queries.queries(moment)]


def _unhurried(query: Query[Any]) -> Query[Any]:
    """The same once what is on its way to the screen is there."""
    return query if query.purpose is INPUT else replace(query, purpose=replace(query.purpose, at_leisure=True))
