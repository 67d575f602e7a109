-- Open disagreements between systems about amounts, about who pays, or about how far an invoice is.
SELECT k.entity, k.field, k.winner, k.winner_value, k.loser, k.loser_value,
       (TRY_CAST(k.winner_value AS DECIMAL(19, 4)) - TRY_CAST(k.loser_value AS DECIMAL(19, 4)))::DECIMAL(19, 4) AS difference,
       k.rule, k.first_seen::DATE AS since, k.core_id
FROM core.conflicts AS k
WHERE k.state = 'open' AND list_contains(getvariable('money_fields'), k.entity || '.' || k.field)
ORDER BY k.entity, k.field, abs(difference) DESC NULLS LAST, k.core_id, k.loser;
