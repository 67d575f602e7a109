-- Job, invoice and payment laid against each other: whatever does not match, one row a finding.
SELECT found.finding, found.record, coalesce(c.name, '(no customer)') AS customer, found.happened_on,
       getvariable('today') - found.happened_on AS days_old, found.amount::DECIMAL(19, 4) AS amount, found.entity, found.core_id
FROM (
    SELECT 'completed_not_invoiced' AS finding, j.name AS record, j.customer, j.completed_on AS happened_on,
           j.total AS amount, 'job' AS entity, j.core_id
    FROM jobs AS j
    WHERE j.status = 'completed' AND j.core_id NOT IN (SELECT job FROM bills WHERE job IS NOT NULL AND standing <> 'void')
    UNION ALL
    SELECT 'invoiced_without_job', number, customer, issued_on, total, 'invoice', core_id
    FROM accounts WHERE job IS NULL OR job NOT IN (SELECT core_id FROM jobs)
    UNION ALL
    SELECT 'paid_without_invoice', p.reference, p.customer, p.received_on, a.amount, 'payment', p.core_id
    FROM applied AS a
    JOIN money_in AS p ON p.core_id = a.payment
    LEFT JOIN bills AS b ON b.core_id = a.invoice
    WHERE b.standing IS DISTINCT FROM 'counted'
    UNION ALL
    SELECT 'partly_paid', number, customer, issued_on, "open", 'invoice', core_id
    FROM accounts WHERE paid > 0 AND paid < total AND "open" > 0
    UNION ALL
    SELECT 'overpaid', number, customer, last_paid_on, paid - total, 'invoice', core_id FROM accounts WHERE paid > total
    UNION ALL
    SELECT CASE WHEN applied <> 0 THEN 'paid_more_than_asked' ELSE 'unapplied' END, reference, customer, received_on, unapplied,
           'payment', core_id
    FROM money_in WHERE unapplied <> 0
    UNION ALL
    SELECT 'payment_does_not_add_up', reference, customer, received_on, unexplained, 'payment', core_id
    FROM money_in WHERE unexplained <> 0
    UNION ALL
    SELECT 'balance_differs', number, customer, issued_on, unexplained, 'invoice', core_id
    FROM accounts WHERE unexplained <> 0 AND paid <= total
    UNION ALL
    SELECT 'another_payer', p.reference, p.customer, p.received_on, a.amount, 'payment', p.core_id
    FROM applied AS a
    JOIN money_in AS p ON p.core_id = a.payment
    JOIN accounts AS b ON b.core_id = a.invoice
    WHERE p.customer IS DISTINCT FROM b.customer
    UNION ALL
    SELECT 'invoice_' || standing, number, customer, issued_on, total, 'invoice', core_id
    FROM bills WHERE standing NOT IN ('counted', 'void')
    UNION ALL
    SELECT 'payment_' || standing, reference, customer, received_on, amount, 'payment', core_id
    FROM receipts WHERE standing <> 'counted'
) AS found
LEFT JOIN payers AS c ON c.core_id = found.customer
ORDER BY found.finding, found.happened_on NULLS FIRST, found.record, found.core_id;
