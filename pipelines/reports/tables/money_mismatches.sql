-- Job, invoice and payment laid against each other: whatever does not match, one row a finding.
SELECT found.finding, found.record, c.name AS customer, found.happened_on,
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
    FROM accounts WHERE paid > 0 AND paid + credited < total AND "open" > 0
    UNION ALL
    SELECT 'overpaid', number, customer, last_paid_on, paid + credited - total, 'invoice', core_id
    FROM accounts WHERE paid + credited > total
    UNION ALL
    SELECT CASE WHEN applied <> 0 THEN 'paid_more_than_asked' ELSE 'unapplied' END, reference, customer, received_on, unapplied,
           'payment', core_id
    FROM money_in WHERE unapplied <> 0
    UNION ALL
    SELECT 'payment_does_not_add_up', reference, customer, received_on, unexplained, 'payment', core_id
    FROM money_in WHERE unexplained <> 0
    UNION ALL
    SELECT 'balance_differs', number, customer, issued_on, unexplained + greatest(paid + credited - total, 0), 'invoice', core_id
    FROM accounts WHERE unexplained + greatest(paid + credited - total, 0) <> 0
    UNION ALL
    SELECT 'credit_left', number, customer, issued_on, remaining, 'credit_note', core_id
    FROM core.credit_note
    WHERE deleted_at IS NULL AND remaining > 0 AND status IS DISTINCT FROM 'draft' AND status IS DISTINCT FROM 'void'
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
    UNION ALL
    SELECT 'newer_amount_held_back', coalesce(i.number, p.reference, o.reference), coalesce(i.customer, p.customer), NULL,
           s.amount - k.amount, k.entity, k.core_id
    FROM source_records AS s
    JOIN kept AS k ON k.entity = s.entity AND k.core_id = s.core_id AND k.said_by = s.system
    LEFT JOIN core.invoice AS i ON k.entity = 'invoice' AND i.core_id = k.core_id
    LEFT JOIN core.payment AS p ON k.entity = 'payment' AND p.core_id = k.core_id
    LEFT JOIN core.payout AS o ON k.entity = 'payout' AND o.core_id = k.core_id
    WHERE s.deleted_at IS NULL AND s.amount <> k.amount
    UNION ALL
    SELECT 'record_not_in_report', s.system || ' ' || s.source_id, NULL, NULL, s.amount, s.entity, s.core_id
    FROM source_records AS s
    ANTI JOIN kept AS k ON k.entity = s.entity AND k.core_id = s.core_id
    WHERE s.deleted_at IS NULL AND s.entity IN ('invoice', 'payment', 'payout')
    UNION ALL
    SELECT 'payout_differs', reference, NULL, arrived_on, difference, 'payout', core_id
    FROM paid_out WHERE difference <> 0 AND standing = 'counted'
    UNION ALL
    SELECT 'payout_without_lines', reference, NULL, arrived_on, amount, 'payout', core_id
    FROM paid_out WHERE unlisted AND standing = 'counted'
    UNION ALL
    SELECT 'payout_not_booked', reference, NULL, arrived_on, amount, 'payout', core_id
    FROM paid_out WHERE NOT booked AND status IS DISTINCT FROM 'failed' AND status IS DISTINCT FROM 'canceled'
    UNION ALL
    SELECT 'deposit_without_payout', reference, NULL, arrived_on, amount, 'payout', core_id FROM paid_out WHERE NOT sent
    UNION ALL
    SELECT 'payout_' || standing, reference, NULL, arrived_on, amount, 'payout', core_id FROM paid_out WHERE standing <> 'counted'
) AS found
LEFT JOIN payers AS c ON c.core_id = found.customer
ORDER BY found.finding, found.happened_on NULLS FIRST, found.record, found.core_id;
