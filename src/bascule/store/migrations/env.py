"""Runs the migrations on the connection that `store.migrate` opened; there is no offline mode."""

from alembic import context

from bascule.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
