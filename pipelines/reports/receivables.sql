-- Who owes what: billed (void invoices do not count) less paid, per customer that was ever billed.
WITH billed AS (
    SELECT customer, count(*) AS invoices, coalesce(sum(total) FILTER (WHERE status IS DISTINCT FROM 'void'), 0) AS billed
    FROM core.invoice WHERE deleted_at IS NULL GROUP BY customer
), paid AS (
    SELECT customer, count(*) AS payments, sum(amount) AS paid FROM core.payment WHERE deleted_at IS NULL GROUP BY customer
)
SELECT coalesce(c.company_name, concat_ws(' ', c.given_name, c.family_name), '(no customer)') AS customer,
       b.customer AS core_id, b.invoices, b.billed, coalesce(p.payments, 0) AS payments, coalesce(p.paid, 0) AS paid,
       b.billed - coalesce(p.paid, 0) AS "open"
FROM billed AS b
LEFT JOIN paid AS p ON p.customer IS NOT DISTINCT FROM b.customer
LEFT JOIN core.customer AS c ON c.core_id = b.customer
ORDER BY "open" DESC, customer;
