"""The order in which a response's options were shown.

Responses that are stored already saw the options as written, which is what no value says.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261120_order"
down_revision = "20261120"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("response", sa.Column("order_seed", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("response", "order_seed")
