-- What is open, by how long it has been due today in the company's zone.
SELECT number, coalesce(c.name, '(no customer)') AS customer, issued_on, due_on,
       greatest(getvariable('today') - due_on, 0) AS days_overdue,
       CASE WHEN coalesce(getvariable('today') - due_on, 0) <= 0 THEN 'current'
            WHEN getvariable('today') - due_on <= 30 THEN '1–30'
            WHEN getvariable('today') - due_on <= 60 THEN '31–60'
            WHEN getvariable('today') - due_on <= 90 THEN '61–90'
            ELSE 'over 90' END AS age,
       total, paid, credited, "open", 'invoice' AS entity, a.core_id
FROM accounts AS a
LEFT JOIN payers AS c ON c.core_id = a.customer
WHERE "open" <> 0
ORDER BY due_on, number, a.core_id;
