"""What people and portals see: GraphQL over HTTP, and one page. The only part that calls services."""
