-- Open disagreements between systems about amounts, about who pays, or about how far an invoice is. Tax that one system
-- rounds line by line and the other on the whole differs by at most half a cent a line and half a cent more.
SELECT k.entity, k.field, k.winner, k.winner_value, k.loser, k.loser_value, k.difference,
       CASE WHEN k.field IN ('tax', 'total', 'balance') AND k.difference <> 0
                 AND abs(k.difference) <= 0.005 * (coalesce(json_array_length(i.lines), 1) + 1)
            THEN 'rounding: each line, or the whole' END AS cause,
       k.rule, k.first_seen::DATE AS since, k.core_id
FROM (
    SELECT *, (TRY_CAST(winner_value AS DECIMAL(19, 4)) - TRY_CAST(loser_value AS DECIMAL(19, 4)))::DECIMAL(19, 4) AS difference
    FROM core.conflicts WHERE state = 'open' AND list_contains(getvariable('money_fields'), entity || '.' || field)
) AS k
LEFT JOIN core.invoice AS i ON k.entity = 'invoice' AND i.core_id = k.core_id
ORDER BY k.entity, k.field, abs(k.difference) DESC NULLS LAST, k.core_id, k.loser;
