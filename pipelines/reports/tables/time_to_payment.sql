-- From the date of an invoice to the payment that settled it, for invoices that are settled.
SELECT a.number, coalesce(c.name, '(no customer)') AS customer, a.issued_on, a.last_paid_on,
       a.last_paid_on - a.issued_on AS days, a.total, 'invoice' AS entity, a.core_id
FROM accounts AS a
LEFT JOIN payers AS c ON c.core_id = a.customer
WHERE a.total > 0 AND a.paid >= a.total AND a.issued_on IS NOT NULL
ORDER BY days DESC, a.number, a.core_id;
