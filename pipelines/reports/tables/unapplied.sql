-- Money received that settles no bill, oldest first.
SELECT reference, coalesce(c.name, '(no customer)') AS customer, received_on,
       getvariable('today') - received_on AS days_old, amount, applied, unapplied, 'payment' AS entity, p.core_id
FROM money_in AS p
LEFT JOIN payers AS c ON c.core_id = p.customer
WHERE unapplied <> 0
ORDER BY received_on, reference, p.core_id;
