"""Print the schema: `python -m gateway.print_schema > gateway/schema.graphql`."""

from gateway.schema import SCHEMA


def printed() -> str:
    """The schema in GraphQL's own language, ending with a line break."""
    return str(SCHEMA).rstrip() + "\n"


if __name__ == "__main__":
    print(printed(), end="")
