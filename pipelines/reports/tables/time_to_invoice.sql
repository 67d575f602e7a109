-- From the day on which the job was finished to the date of its invoice.
SELECT a.number, coalesce(c.name, '(no customer)') AS customer, j.name AS job, j.completed_on, a.issued_on,
       a.issued_on - j.completed_on AS days, a.total, 'invoice' AS entity, a.core_id
FROM accounts AS a
JOIN jobs AS j ON j.core_id = a.job AND j.completed_on IS NOT NULL
LEFT JOIN payers AS c ON c.core_id = a.customer
WHERE a.issued_on IS NOT NULL
ORDER BY days DESC, a.number, a.core_id;
