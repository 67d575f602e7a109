-- Every payment that counts, and where its money went.
SELECT reference, coalesce(c.name, '(no customer)') AS customer, received_on, method,
       CASE WHEN silent THEN 'assumed: oldest first' ELSE 'told' END AS applied_by, amount, applied, elsewhere, unapplied,
       'payment' AS entity, p.core_id
FROM money_in AS p
LEFT JOIN payers AS c ON c.core_id = p.customer
ORDER BY received_on, reference, p.core_id;
