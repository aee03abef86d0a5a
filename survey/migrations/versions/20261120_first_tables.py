"""The first tables: rounds, units, staff, collection and answers.

Tables that an answer passes through are WITHOUT ROWID on SQLite: a rowid is a counter, and
counters tell in which order people answered.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261120"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "admin",
                "office",
                "clerk",
                "statistician",
                "viewer",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("session_key", sa.String(length=32), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_account_failures_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("username", name=op.f("uq_account_username")),
    )
    op.create_table(
        "event",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_event")),
    )
    op.create_table(
        "questionnaire_version",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("questionnaire", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_questionnaire_version")),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("parent_code", sa.String(length=32), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_unit_dates_in_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", "valid_from", name=op.f("uq_unit_code_valid_from")),
    )
    op.create_table(
        "round",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "open",
                "closing",
                "closed",
                "scored",
                "published",
                name="roundstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "anonymity",
            sa.Enum(
                "anonymous", name="anonymity", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("questionnaire", sa.String(length=64), nullable=False),
        sa.Column("ballot_size", sa.Integer(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("canary", sa.LargeBinary(), nullable=True),
        sa.Column("sheets_checked", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scrubbed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("key_destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ballot_size > 0", name=op.f("ck_round_ballot_size_positive")),
        sa.ForeignKeyConstraint(
            ["questionnaire"],
            ["questionnaire_version.fingerprint"],
            name=op.f("fk_round_questionnaire_questionnaire_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
        sa.UniqueConstraint("code", name=op.f("uq_round_code")),
    )
    op.create_table(
        "ballot",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("round_id", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_ballot_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "index_snapshot",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("round_id", sa.String(length=32), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_index_snapshot_round_id_round")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_index_snapshot")),
    )
    op.create_index(op.f("ix_index_snapshot_round_id"), "index_snapshot", ["round_id"])

    op.create_table(
        "keyer_statistic",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("round_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("forms", sa.Integer(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("corrected", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_keyer_statistic_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_keyer_statistic_round_id_round")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keyer_statistic")),
        sa.UniqueConstraint(
            "round_id", "account_id", name=op.f("uq_keyer_statistic_round_id_account_id")
        ),
    )
    op.create_table(
        "keying_batch",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("round_id", sa.String(length=32), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("opened_by", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["opened_by"], ["account.id"], name=op.f("fk_keying_batch_opened_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_keying_batch_round_id_round")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keying_batch")),
        sa.UniqueConstraint("round_id", "label", name=op.f("uq_keying_batch_round_id_label")),
    )
    op.create_table(
        "round_unit",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("round_id", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("unit_group", sa.String(length=32), nullable=False),
        sa.Column(
            "selection",
            sa.Enum(
                "list",
                "positions",
                "picked",
                name="selection",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("list_date", sa.Date(), nullable=True),
        sa.Column("certified_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("place > 0", name=op.f("ck_round_unit_place_from_one")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_round_unit_round_id_round")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_round_unit_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_unit")),
        sa.UniqueConstraint("round_id", "unit_id", name=op.f("uq_round_unit_round_id_unit_id")),
    )
    op.create_index(op.f("ix_round_unit_unit_id"), "round_unit", ["unit_id"])

    op.create_table(
        "sample_plan",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("round_id", sa.String(length=32), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_sample_plan_round_id_round")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_plan")),
        sa.UniqueConstraint("round_id", name=op.f("uq_sample_plan_round_id")),
    )
    op.create_table(
        "submission",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("round_id", sa.String(length=32), nullable=False),
        sa.Column("answers_mac", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_submission_round_id_round")
        ),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_submission")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "stratum",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("round_unit_id", sa.String(length=32), nullable=False),
        sa.Column("respondent_group", sa.String(length=32), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.CheckConstraint("population >= 0", name=op.f("ck_stratum_population_not_negative")),
        sa.ForeignKeyConstraint(
            ["round_unit_id"], ["round_unit.id"], name=op.f("fk_stratum_round_unit_id_round_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stratum")),
        sa.UniqueConstraint(
            "round_unit_id",
            "respondent_group",
            name=op.f("uq_stratum_round_unit_id_respondent_group"),
        ),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("stratum_id", sa.String(length=32), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column(
            "disposition",
            sa.Enum(
                "unused",
                "used",
                "refused",
                "ineligible",
                "paper",
                name="disposition",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["stratum_id"], ["stratum.id"], name=op.f("fk_invitation_stratum_id_stratum")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("stratum_id", "slot", name=op.f("uq_invitation_stratum_id_slot")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "paper_form",
        sa.Column("serial", sa.String(length=12), nullable=False),
        sa.Column("stratum_id", sa.String(length=32), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "blank",
                "keyed",
                "differing",
                "sealed",
                name="paperstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stratum_id"], ["stratum.id"], name=op.f("fk_paper_form_stratum_id_stratum")
        ),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_paper_form")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "response",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("round_id", sa.String(length=32), nullable=False),
        sa.Column("questionnaire", sa.String(length=64), nullable=False),
        sa.Column("stratum_id", sa.String(length=32), nullable=False),
        sa.Column("rated_unit_id", sa.String(length=32), nullable=False),
        sa.Column("rater_key", sa.String(length=32), nullable=False),
        sa.Column(
            "mode",
            sa.Enum(
                "web", "paper", name="mode", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("keying_batch", sa.String(length=32), nullable=True),
        sa.Column("too_fast", sa.Boolean(), nullable=False),
        sa.Column("group_differs", sa.Boolean(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["questionnaire"],
            ["questionnaire_version.fingerprint"],
            name=op.f("fk_response_questionnaire_questionnaire_version"),
        ),
        sa.ForeignKeyConstraint(
            ["rated_unit_id"], ["unit.id"], name=op.f("fk_response_rated_unit_id_unit")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_response_round_id_round")
        ),
        sa.ForeignKeyConstraint(
            ["stratum_id"], ["stratum.id"], name=op.f("fk_response_stratum_id_stratum")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
        sa.UniqueConstraint(
            "rater_key", "rated_unit_id", name=op.f("uq_response_rater_key_rated_unit_id")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "staff_member",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("stratum_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["stratum_id"], ["stratum.id"], name=op.f("fk_staff_member_stratum_id_stratum")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_member")),
        sa.UniqueConstraint(
            "stratum_id", "position", name=op.f("uq_staff_member_stratum_id_position")
        ),
    )
    op.create_table(
        "stratum_outcome",
        sa.Column("stratum_id", sa.String(length=32), nullable=False),
        sa.Column("web", sa.Integer(), nullable=False),
        sa.Column("paper", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("ineligible", sa.Integer(), nullable=False),
        sa.Column("unreached", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "web >= 0 AND paper >= 0 AND refused >= 0 AND ineligible >= 0 AND unreached >= 0",
            name=op.f("ck_stratum_outcome_counts_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["stratum_id"], ["stratum.id"], name=op.f("fk_stratum_outcome_stratum_id_stratum")
        ),
        sa.PrimaryKeyConstraint("stratum_id", name=op.f("pk_stratum_outcome")),
    )
    op.create_table(
        "draft",
        sa.Column("invitation_id", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_draft_invitation_id_invitation")
        ),
        sa.PrimaryKeyConstraint("invitation_id", name=op.f("pk_draft")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "entry",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("serial", sa.String(length=12), nullable=False),
        sa.Column("batch_id", sa.String(length=32), nullable=False),
        sa.Column("keyed_by", sa.String(length=32), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["keying_batch.id"], name=op.f("fk_entry_batch_id_keying_batch")
        ),
        sa.ForeignKeyConstraint(
            ["keyed_by"], ["account.id"], name=op.f("fk_entry_keyed_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["serial"], ["paper_form.serial"], name=op.f("fk_entry_serial_paper_form")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("serial", "keyed_by", name=op.f("uq_entry_serial_keyed_by")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("entry")
    op.drop_table("draft")
    op.drop_table("stratum_outcome")
    op.drop_table("staff_member")
    op.drop_table("response")
    op.drop_table("paper_form")
    op.drop_table("invitation")
    op.drop_table("stratum")
    op.drop_table("submission")
    op.drop_table("sample_plan")
    op.drop_table("round_unit")
    op.drop_table("keying_batch")
    op.drop_table("keyer_statistic")
    op.drop_table("index_snapshot")
    op.drop_table("ballot")
    op.drop_table("round")
    op.drop_table("unit")
    op.drop_table("questionnaire_version")
    op.drop_table("event")
    op.drop_table("account")
