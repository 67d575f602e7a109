-- Who owes what: billed less credited and paid, per customer that was ever billed or ever paid.
WITH billed AS (
    SELECT customer, count(*) FILTER (WHERE standing = 'counted') AS invoices,
           coalesce(sum(total) FILTER (WHERE standing = 'counted'), 0) AS billed,
           coalesce(sum(k.amount) FILTER (WHERE standing = 'counted'), 0) AS credited
    FROM bills LEFT JOIN credited AS k ON k.invoice = core_id GROUP BY customer
), paid AS (
    SELECT customer, count(*) AS payments, sum(amount) AS paid FROM money_in GROUP BY customer
)
SELECT coalesce(c.name, '(no customer)') AS customer, 'customer' AS entity, coalesce(b.customer, p.customer) AS core_id,
       coalesce(b.invoices, 0) AS invoices, coalesce(b.billed, 0)::DECIMAL(19, 4) AS billed,
       coalesce(b.credited, 0)::DECIMAL(19, 4) AS credited, coalesce(p.payments, 0) AS payments_made, coalesce(p.paid, 0)::DECIMAL(19, 4) AS paid,
       (coalesce(b.billed, 0) - coalesce(b.credited, 0) - coalesce(p.paid, 0))::DECIMAL(19, 4) AS "open"
FROM billed AS b
FULL JOIN paid AS p ON p.customer IS NOT DISTINCT FROM b.customer
LEFT JOIN payers AS c ON c.core_id = coalesce(b.customer, p.customer)
ORDER BY "open" DESC, customer, core_id;
