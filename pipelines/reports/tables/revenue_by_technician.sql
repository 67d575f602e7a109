-- Billed by technician. An invoice is split over those who were sent to its job, by their visits, in whole cents;
-- the cents that are left go to the largest remainders (of equal ones to the lower core_id), a rest below a cent to the first.
WITH parts AS (
    SELECT a.core_id, a.total, w.technician, w.visits, sum(w.visits) OVER (PARTITION BY a.core_id) AS visits_in_all
    FROM accounts AS a LEFT JOIN crews AS w ON w.job = a.job
), floors AS (
    SELECT *, (floor(total * 100)::HUGEINT * visits // visits_in_all::HUGEINT) AS cents,
           (floor(total * 100)::HUGEINT * visits % visits_in_all::HUGEINT) AS remainder
    FROM parts WHERE technician IS NOT NULL
), ranked AS (
    SELECT *, floor(total * 100)::HUGEINT - sum(cents) OVER (PARTITION BY core_id) AS left_over,
           row_number() OVER (PARTITION BY core_id ORDER BY remainder DESC, technician) AS place
    FROM floors
), shares AS (
    SELECT core_id, technician,
           (cents + (place <= left_over)::INT)::DECIMAL(21, 4) / 100
           + CASE WHEN place = 1 THEN total - floor(total * 100) / 100 ELSE 0 END AS share
    FROM ranked
    UNION ALL
    SELECT core_id, NULL, total FROM parts WHERE technician IS NULL
)
SELECT coalesce(t.name, '(no technician)') AS technician, count(*) AS invoices, sum(share)::DECIMAL(19, 4) AS total,
       CASE WHEN s.technician IS NOT NULL THEN 'technician' END AS entity, s.technician AS core_id
FROM shares AS s
LEFT JOIN core.technician AS t ON t.core_id = s.technician
GROUP BY t.name, s.technician
ORDER BY total DESC, technician;
