-- Every invoice that counts: the rows behind revenue and receivables.
SELECT number, coalesce(c.name, '(no customer)') AS customer, j.name AS job, issued_on, due_on,
       strftime(issued_on, '%Y-%m') AS month, coalesce(j.unit, '(no business unit)') AS business_unit,
       coalesce(w.names, '(no technician)') AS technicians, a.status, subtotal, tax, a.total, paid, credited, "open",
       'invoice' AS entity, a.core_id
FROM accounts AS a
LEFT JOIN payers AS c ON c.core_id = a.customer
LEFT JOIN jobs AS j ON j.core_id = a.job
LEFT JOIN (
    SELECT job, string_agg(t.name, ', ' ORDER BY t.name, t.core_id) AS names
    FROM crews JOIN core.technician AS t ON t.core_id = technician GROUP BY job
) AS w ON w.job = a.job
ORDER BY issued_on, number, a.core_id;
