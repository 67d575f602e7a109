UPDATE placed SET behind = TRUE
WHERE
  (system, place) IN (
    SELECT
      (system, place)
    FROM placed
    WHERE
      NOT behind
    QUALIFY
      ROW_NUMBER() OVER (
        PARTITION BY core_id, system
        ORDER BY NOT deleted_at IS NULL NULLS FIRST, changed_at DESC, source_id NULLS FIRST
      ) > 1
  )
