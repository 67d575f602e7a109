-- Each payout against what it is made of: payments less fees and refunds, with adjustments.
WITH lines AS (
    SELECT core_id, part ->> '$.kind' AS kind, coalesce(TRY_CAST(part ->> '$.amount' AS DECIMAL(19, 4)), 0) AS amount
    FROM (
        SELECT core_id, unnest(CAST(lines AS JSON[])) AS part FROM core.payout WHERE json_array_length(lines) > 0
    )
), sums AS (
    SELECT core_id, sum(amount) FILTER (WHERE kind = 'payment') AS payments, sum(amount) FILTER (WHERE kind = 'fee') AS fees,
           sum(amount) FILTER (WHERE kind = 'refund') AS refunds,
           sum(amount) FILTER (WHERE kind IS NULL OR kind NOT IN ('payment', 'fee', 'refund')) AS adjustments
    FROM lines GROUP BY core_id
)
SELECT p.reference, p.arrived_on, p.status, coalesce(payments, 0)::DECIMAL(19, 4) AS payments,
       coalesce(fees, 0)::DECIMAL(19, 4) AS fees, coalesce(refunds, 0)::DECIMAL(19, 4) AS refunds,
       coalesce(adjustments, 0)::DECIMAL(19, 4) AS adjustments, p.amount AS deposited,
       (p.amount - coalesce(payments, 0) - coalesce(fees, 0) - coalesce(refunds, 0) - coalesce(adjustments, 0))
           ::DECIMAL(19, 4) AS difference,
       'payout' AS entity, p.core_id
FROM core.payout AS p
LEFT JOIN sums AS s USING (core_id)
WHERE p.deleted_at IS NULL AND coalesce(p.currency, getvariable('currency')) = getvariable('currency')
ORDER BY p.arrived_on, p.reference, p.core_id;
