-- Billed by the month of the invoice's date.
SELECT coalesce(strftime(issued_on, '%Y-%m'), '(no date)') AS month, count(*) AS invoices,
       (sum(total) - sum(coalesce(tax, 0)))::DECIMAL(19, 4) AS net, sum(coalesce(tax, 0))::DECIMAL(19, 4) AS tax,
       sum(total)::DECIMAL(19, 4) AS total
FROM accounts GROUP BY ALL ORDER BY month;
