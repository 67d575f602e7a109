-- What every money report rests on, as temporary tables beside the snapshot.
-- table: source_records (models.compile.money)
-- variables: today (DATE), zone, currency; invoice_books, payment_books, payout_books (systems that keep the books; where
--            there are none all systems count), payout_senders (processors that report payouts)

-- bills: every invoice. standing says whether it counts ('counted'), else why not.
CREATE OR REPLACE TEMP TABLE bills AS
SELECT i.core_id, i.number, i.customer, i.job, i.status, i.issued_on, coalesce(i.due_on, i.issued_on) AS due_on,
       i.subtotal, i.tax, coalesce(i.total, 0)::DECIMAL(19, 4) AS total, i.total__from AS said_by, i.balance,
       CASE WHEN i.status = 'void' THEN 'void'
            WHEN i.status = 'draft' THEN 'draft'
            WHEN i.total IS NULL THEN 'no_amount'
            WHEN i.currency <> getvariable('currency') THEN 'other_currency'
            WHEN len(getvariable('invoice_books')) > 0 AND b.core_id IS NULL THEN 'not_in_books'
            ELSE 'counted' END AS standing
FROM core.invoice AS i
LEFT JOIN (
    SELECT DISTINCT core_id FROM source_records
    WHERE entity = 'invoice' AND deleted_at IS NULL AND list_contains(getvariable('invoice_books'), system)
) AS b USING (core_id)
WHERE i.deleted_at IS NULL;

-- receipts: every payment. silent: its system does not say what it was for.
CREATE OR REPLACE TEMP TABLE receipts AS
SELECT p.core_id, p.reference, p.customer, p.received_on, p.method, p.amount, p.amount__from AS said_by, p.unapplied,
       p.allocations, p.allocations__from,
       p.unapplied IS NULL AND coalesce(json_array_length(p.allocations), 0) = 0 AS silent,
       CASE WHEN p.currency <> getvariable('currency') THEN 'other_currency'
            WHEN len(getvariable('payment_books')) > 0 AND b.core_id IS NULL THEN 'not_in_books'
            ELSE 'counted' END AS standing
FROM core.payment AS p
LEFT JOIN (
    SELECT DISTINCT core_id FROM source_records
    WHERE entity = 'payment' AND deleted_at IS NULL AND list_contains(getvariable('payment_books'), system)
) AS b USING (core_id)
WHERE p.deleted_at IS NULL;

-- told: what payments say they were for. invoice is empty when no invoice of that id is known.
CREATE OR REPLACE TEMP TABLE told AS
SELECT p.payment, CASE WHEN p.system = 'pin' THEN p.part ->> '$.invoice' ELSE x.core_id END AS invoice,
       p.part ->> '$.invoice' AS invoice_id,
       coalesce(TRY_CAST(p.part ->> '$.amount' AS DECIMAL(19, 4)), 0)::DECIMAL(19, 4) AS amount
FROM (
    SELECT core_id AS payment, allocations__from AS system, unnest(CAST(allocations AS JSON[])) AS part
    FROM receipts WHERE standing = 'counted' AND json_array_length(allocations) > 0
) AS p
LEFT JOIN xref.invoice AS x ON x.system = p.system AND x.source_id = p.part ->> '$.invoice';

-- credited: what credit notes that stand took off each bill
CREATE OR REPLACE TEMP TABLE credited AS
SELECT x.core_id AS invoice, sum(coalesce(TRY_CAST(n.part ->> '$.amount' AS DECIMAL(19, 4)), 0))::DECIMAL(19, 4) AS amount
FROM (
    SELECT allocations__from AS system, unnest(CAST(allocations AS JSON[])) AS part FROM core.credit_note
    WHERE deleted_at IS NULL AND status IS DISTINCT FROM 'draft' AND status IS DISTINCT FROM 'void'
      AND coalesce(currency, getvariable('currency')) = getvariable('currency') AND json_array_length(allocations) > 0
) AS n
JOIN xref.invoice AS x ON x.system = n.system AND x.source_id = n.part ->> '$.invoice'
GROUP BY x.core_id;

-- Silent payments settle the customer's oldest bills first: two rows of amounts laid side by side, cut where either ends.
CREATE OR REPLACE TEMP TABLE assumed AS
WITH due AS (
    SELECT b.core_id, b.customer, b.total - coalesce(a.amount, 0) AS amount, b.due_on, b.issued_on
    FROM bills AS b
    LEFT JOIN (
        SELECT invoice, sum(amount) AS amount
        FROM (SELECT invoice, amount FROM told UNION ALL SELECT invoice, amount FROM credited) GROUP BY invoice
    ) AS a ON a.invoice = b.core_id
    WHERE b.standing = 'counted' AND b.total > coalesce(a.amount, 0)
), owed AS (
    SELECT core_id, customer, amount,
           sum(amount) OVER (PARTITION BY customer ORDER BY due_on, issued_on, core_id ROWS UNBOUNDED PRECEDING) AS upto
    FROM due
), paid AS (
    SELECT core_id, customer, amount,
           sum(amount) OVER (PARTITION BY customer ORDER BY received_on, core_id ROWS UNBOUNDED PRECEDING) AS upto
    FROM receipts WHERE standing = 'counted' AND silent AND amount > 0
)
SELECT p.core_id AS payment, o.core_id AS invoice,
       (least(o.upto, p.upto) - greatest(o.upto - o.amount, p.upto - p.amount))::DECIMAL(19, 4) AS amount
FROM owed AS o
JOIN paid AS p ON p.customer = o.customer AND p.upto - p.amount < o.upto AND o.upto - o.amount < p.upto;

-- applied: which payment went to which bill, and whether that is told or assumed
CREATE OR REPLACE TEMP TABLE applied AS
SELECT payment, invoice, invoice_id, amount, false AS assumed FROM told
UNION ALL
SELECT payment, invoice, NULL, amount, true FROM assumed;

-- accounts: the bills that count, with what is paid, credited, open (the books' own balance where they keep one) and left over
CREATE OR REPLACE TEMP TABLE accounts AS
SELECT *, (total - paid - credited - "open")::DECIMAL(19, 4) AS unexplained
FROM (
    SELECT b.* EXCLUDE (balance, standing), coalesce(a.amount, 0)::DECIMAL(19, 4) AS paid, a.last_paid_on,
           coalesce(k.amount, 0)::DECIMAL(19, 4) AS credited,
           coalesce(b.balance, greatest(b.total - coalesce(a.amount, 0) - coalesce(k.amount, 0), 0))::DECIMAL(19, 4) AS "open"
    FROM bills AS b
    LEFT JOIN credited AS k ON k.invoice = b.core_id
    LEFT JOIN (
        SELECT a.invoice, sum(a.amount) AS amount, max(p.received_on) AS last_paid_on
        FROM applied AS a JOIN receipts AS p ON p.core_id = a.payment GROUP BY a.invoice
    ) AS a ON a.invoice = b.core_id
    WHERE b.standing = 'counted'
);

-- money_in: the payments that count, and where their money went; unexplained: more or less than they say themselves
CREATE OR REPLACE TEMP TABLE money_in AS
SELECT *, (amount - applied - elsewhere - unapplied)::DECIMAL(19, 4) AS unexplained
FROM (
    SELECT p.core_id, p.reference, p.customer, p.received_on, p.method, p.amount, p.said_by, p.silent,
           coalesce(a.applied, 0)::DECIMAL(19, 4) AS applied, coalesce(a.elsewhere, 0)::DECIMAL(19, 4) AS elsewhere,
           CASE WHEN p.silent THEN p.amount - coalesce(a.applied, 0)
                ELSE coalesce(p.unapplied, p.amount - coalesce(a.applied, 0) - coalesce(a.elsewhere, 0)) END
               ::DECIMAL(19, 4) AS unapplied
    FROM receipts AS p
    LEFT JOIN (
        SELECT a.payment, sum(a.amount) FILTER (WHERE b.standing = 'counted') AS applied,
               sum(a.amount) FILTER (WHERE b.standing IS DISTINCT FROM 'counted') AS elsewhere
        FROM applied AS a LEFT JOIN bills AS b ON b.core_id = a.invoice GROUP BY a.payment
    ) AS a ON a.payment = p.core_id
    WHERE p.standing = 'counted'
);

-- crews: how often each technician was sent to a job
CREATE OR REPLACE TEMP TABLE crews AS
SELECT v.job, a.technician, count(*) AS visits
FROM core.assignment AS a
JOIN core.appointment AS v ON v.core_id = a.appointment AND v.deleted_at IS NULL
WHERE a.deleted_at IS NULL AND a.technician IS NOT NULL AND v.job IS NOT NULL AND v.status IS DISTINCT FROM 'canceled'
GROUP BY v.job, a.technician;

-- payers, jobs, crew_names: what people call them
CREATE OR REPLACE TEMP TABLE payers AS
SELECT core_id, coalesce(company_name, nullif(concat_ws(' ', given_name, family_name), ''), core_id) AS name
FROM core.customer;

CREATE OR REPLACE TEMP TABLE jobs AS
SELECT core_id, coalesce(number, title, core_id) AS name, status, customer, coalesce(kind, '(no business unit)') AS unit,
       coalesce(total, 0)::DECIMAL(19, 4) AS total,
       (timezone(getvariable('zone'), completed_at AT TIME ZONE 'UTC'))::DATE AS completed_on
FROM core.job WHERE deleted_at IS NULL;

-- paid_out: every payout, what it is made of, and who knows of it: the processor that sent it, the books that booked it
CREATE OR REPLACE TEMP TABLE paid_out AS
WITH lines AS (
    SELECT core_id, part ->> '$.kind' AS kind, coalesce(TRY_CAST(part ->> '$.amount' AS DECIMAL(19, 4)), 0) AS amount
    FROM (
        SELECT core_id, unnest(CAST(lines AS JSON[])) AS part FROM core.payout WHERE json_array_length(lines) > 0
    )
), sums AS (
    SELECT core_id, sum(amount) FILTER (WHERE kind = 'payment') AS payments, sum(amount) FILTER (WHERE kind = 'fee') AS fees,
           sum(amount) FILTER (WHERE kind = 'refund') AS refunds, sum(amount) AS lines
    FROM lines GROUP BY core_id
), known AS (
    SELECT core_id, bool_or(list_contains(getvariable('payout_books'), system)) AS booked,
           bool_or(list_contains(getvariable('payout_senders'), system)) AS sent
    FROM source_records WHERE entity = 'payout' AND deleted_at IS NULL GROUP BY core_id
)
SELECT p.core_id, p.reference, p.arrived_on, p.status, p.amount, p.amount__from AS said_by,
       coalesce(s.payments, 0)::DECIMAL(19, 4) AS payments, coalesce(s.fees, 0)::DECIMAL(19, 4) AS fees,
       coalesce(s.refunds, 0)::DECIMAL(19, 4) AS refunds,
       (coalesce(s.lines, 0) - coalesce(s.payments, 0) - coalesce(s.fees, 0) - coalesce(s.refunds, 0))
           ::DECIMAL(19, 4) AS adjustments,
       CASE WHEN s.core_id IS NULL THEN 0 ELSE p.amount - s.lines END::DECIMAL(19, 4) AS difference,
       s.core_id IS NULL AS unlisted,
       coalesce(k.booked, false) OR len(getvariable('payout_books')) = 0 AS booked,
       coalesce(k.sent, false) OR len(getvariable('payout_senders')) = 0 AS sent,
       CASE WHEN p.currency <> getvariable('currency') THEN 'other_currency' ELSE 'counted' END AS standing
FROM core.payout AS p
LEFT JOIN sums AS s USING (core_id)
LEFT JOIN known AS k USING (core_id)
WHERE p.deleted_at IS NULL;

-- kept: what the report makes of each record, beside what its source says
CREATE OR REPLACE TEMP TABLE kept AS
SELECT 'invoice' AS entity, core_id, said_by, standing, total AS amount FROM bills
UNION ALL SELECT 'payment', core_id, said_by, standing, amount FROM receipts
UNION ALL SELECT 'payout', core_id, said_by, standing, amount FROM paid_out;
