"""The schema, made once, and its text: `python -m api.graphql.schema` writes schema.graphql."""

from functools import cache
from pathlib import Path
from typing import Final

from graphql import GraphQLObjectType, GraphQLSchema, print_schema

from api.graphql.mutations import mutation_fields
from api.graphql.queries import query_fields
from api.graphql.subscriptions import subscription_fields

WRITTEN: Final = Path(__file__).parent / "schema.graphql"


@cache
def schema() -> GraphQLSchema:
    return GraphQLSchema(
        GraphQLObjectType("Query", query_fields()),
        GraphQLObjectType("Mutation", mutation_fields()),
        GraphQLObjectType("Subscription", subscription_fields()),
        description="Daybook: an event-sourced order ledger.",
    )


def text() -> str:
    return print_schema(schema()) + "\n"


if __name__ == "__main__":
    WRITTEN.write_text(text(), encoding="utf-8")
