"""The GraphQL schema, one module per noun. `gateway/schema.graphql` is its printed form."""

import graphene

from gateway.schema.bulletin import Bulletin
from gateway.schema.case import Case
from gateway.schema.mutation import Mutation
from gateway.schema.query import Query
from gateway.schema.task import Task

SCHEMA = graphene.Schema(query=Query, mutation=Mutation, types=[Bulletin, Case, Task])
