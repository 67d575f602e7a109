-- Billed by the kind of work that the invoice's job is.
SELECT coalesce(j.unit, '(no business unit)') AS business_unit, count(*) AS invoices,
       (sum(a.total) - sum(coalesce(tax, 0)))::DECIMAL(19, 4) AS net, sum(coalesce(tax, 0))::DECIMAL(19, 4) AS tax,
       sum(a.total)::DECIMAL(19, 4) AS total
FROM accounts AS a
LEFT JOIN jobs AS j ON j.core_id = a.job
GROUP BY ALL ORDER BY total DESC, business_unit;
