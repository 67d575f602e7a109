-- Each payout against what it is made of: payments less fees and refunds, with adjustments.
SELECT reference, arrived_on, status, payments, fees, refunds, adjustments, amount AS deposited, difference,
       'payout' AS entity, core_id
FROM paid_out
WHERE standing = 'counted'
ORDER BY arrived_on, reference, core_id;
