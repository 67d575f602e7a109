SELECT
  "source_id" AS "source_id",
  "parent_id" AS "parent_id",
  "resource" AS "resource",
  "raw_load" AS "raw_load",
  "read_at" AS "read_at",
  "changed_at" AS "changed_at",
  "deleted_at" AS "deleted_at",
  "version" AS "version",
  "core_ref" AS "core_ref",
  "peers" AS "peers",
  "warnings" AS "warnings",
  "person" AS "person",
  "person__at" AS "person__at",
  "title" AS "title",
  "title__at" AS "title__at",
  "starts_at" AS "starts_at",
  "starts_at__at" AS "starts_at__at"
FROM arrived
