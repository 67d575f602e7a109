-- Customers that stand in Jobber and HubSpot, with their ids there and in QuickBooks; those in the books first.
SELECT c.core_id,
       max(x.source_id) FILTER (WHERE x.system = 'hubspot') AS hubspot,
       max(x.source_id) FILTER (WHERE x.system = 'jobber') AS jobber,
       max(x.source_id) FILTER (WHERE x.system = 'quickbooks_online') AS quickbooks_online
FROM core.customer AS c
JOIN meta.targets AS x ON x.entity = 'customer' AND x.core_id = c.core_id
WHERE c.deleted_at IS NULL AND c.phone__from = 'jobber' AND c.given_name__from = 'hubspot'
GROUP BY c.core_id
HAVING hubspot IS NOT NULL AND jobber IS NOT NULL
ORDER BY quickbooks_online IS NULL, c.core_id
LIMIT 2;
