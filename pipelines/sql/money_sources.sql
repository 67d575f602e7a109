-- What each system holds, and what the report made of it: one row for each entity, system and reason.
-- held is the source's own amount; shown is the report's, for the records in which the system is the one that is believed.
-- tables: source_records, kept (money.sql)
SELECT s.entity, s.system,
       CASE WHEN k.core_id IS NULL THEN 'not_in_report'
            WHEN k.said_by IS DISTINCT FROM s.system THEN 'decided_elsewhere'
            ELSE k.standing END AS reason,
       count(*) AS records, sum(coalesce(s.amount, 0))::DECIMAL(19, 4) AS held,
       sum(CASE WHEN k.said_by = s.system THEN k.amount ELSE coalesce(s.amount, 0) END)::DECIMAL(19, 4) AS shown
FROM source_records AS s
LEFT JOIN kept AS k ON k.entity = s.entity AND k.core_id = s.core_id
WHERE s.deleted_at IS NULL AND s.entity IN ('invoice', 'payment', 'payout')
GROUP BY ALL
ORDER BY ALL;
