-- What a careful engineer would write by hand for these three systems and this one entity, without a declaration: the same
-- contract, crosswalk, rules, events, conflicts and plan from the same raw files, on a first contact.
-- variables: hubspot, jobber, quickbooks (Parquet files); the function phone_e164 is the product's own.
CREATE MACRO blank(x) AS nullif(trim(x), '');
CREATE MACRO address(x) AS CASE WHEN regexp_full_match(lower(trim(x)), '[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+') THEN lower(trim(x)) END;
CREATE MACRO e164(x) AS CASE
    WHEN regexp_full_match(trim(x), '(\+?1)?[ ().-]*[2-9][0-9]{2}[ ().-]*[2-9][0-9]{2}[ .-]*[0-9]{4}')
     AND regexp_full_match(regexp_replace(x, '[^0-9]', '', 'g'), '1?[2-9][0-9]{2}[2-9][0-9]{6}')
    THEN '+1' || right(regexp_replace(x, '[^0-9]', '', 'g'), 10) ELSE phone_e164(blank(x), 'US') END;
CREATE MACRO instant(x) AS timezone('UTC', try_cast(x AS TIMESTAMPTZ));
CREATE MACRO the_primary(listed) AS coalesce(
    list_filter(listed, lambda one: (one->>'$.primary') = 'true')[1], listed[1]);

CREATE TABLE hubspot AS
SELECT blank(v[1]) AS source_id, id, load, read_at, least(coalesce(instant(v[2]), read_at), read_at) AS stamp, v[2] AS version,
       blank(v[3]) AS given_name, blank(v[4]) AS family_name, blank(v[5]) AS company_name, address(v[6]) AS email, e164(v[7]) AS phone,
       blank(v[8]) AS street, blank(v[9]) AS city, blank(v[10]) AS state, blank(v[11]) AS postal_code, blank(v[12]) AS country,
       CASE WHEN lower(v[13]) IN ('customer', 'evangelist') THEN 'active' WHEN blank(v[13]) IS NOT NULL THEN 'lead' END AS status,
       CASE WHEN blank(v[1]) IS NULL THEN 'hubspot customer: the record has no id' END AS broken, record
FROM (
    SELECT id, _dlt_load_id AS load, read_at, seq, record, json_extract_string(record, [
        '$.id', '$.updatedAt', '$.properties.firstname', '$.properties.lastname', '$.properties.company', '$.properties.email',
        '$.properties.phone', '$.properties.address', '$.properties.city', '$.properties.state', '$.properties.zip',
        '$.properties.country', '$.properties.lifecyclestage']) AS v
    FROM read_parquet(getvariable('hubspot')) WHERE NOT deleted
)
QUALIFY row_number() OVER (PARTITION BY id ORDER BY stamp DESC, seq DESC) = 1;

CREATE TABLE jobber AS
SELECT blank(v[1]) AS source_id, id, load, read_at, least(coalesce(instant(v[2]), read_at), read_at) AS stamp, v[2] AS version,
       blank(v[3]) AS given_name, blank(v[4]) AS family_name, blank(v[5]) AS company_name,
       address(the_primary(emails)->>'$.address') AS email, e164(the_primary(phones)->>'$.number') AS phone,
       nullif(concat_ws(', ', blank(v[6]), blank(v[7])), '') AS street, blank(v[8]) AS city, blank(v[9]) AS state,
       blank(v[10]) AS postal_code, blank(v[11]) AS country,
       CASE WHEN v[12] = 'true' THEN 'inactive' WHEN v[13] = 'true' THEN 'lead' ELSE 'active' END AS status,
       list_sort(list_distinct(tags)) AS tags, try_cast(trim(v[14]) AS DECIMAL(19, 4)) AS balance, 'USD' AS currency,
       CASE WHEN blank(v[1]) IS NULL THEN 'jobber customer: the record has no id'
            WHEN blank(v[14]) IS NOT NULL AND try_cast(trim(v[14]) AS DECIMAL(19, 4)) IS NULL
            THEN 'jobber customer: balance: ''' || left(v[14], 80) || ''' cannot be read as money (field balance)' END AS broken, record
FROM (
    SELECT id, _dlt_load_id AS load, read_at, seq, record, json_extract_string(record, [
        '$.id', '$.updatedAt', '$.firstName', '$.lastName', '$.companyName', '$.billingAddress.street1',
        '$.billingAddress.street2', '$.billingAddress.city', '$.billingAddress.province', '$.billingAddress.postalCode',
        '$.billingAddress.country', '$.isArchived', '$.isLead', '$.balance']) AS v,
        (record->'$.emails')::JSON[] AS emails, (record->'$.phones')::JSON[] AS phones, record->>'$.tags.nodes[*].label' AS tags
    FROM read_parquet(getvariable('jobber')) WHERE NOT deleted
)
QUALIFY row_number() OVER (PARTITION BY id ORDER BY stamp DESC, seq DESC) = 1;

CREATE TABLE quickbooks_online AS
SELECT blank(v[1]) AS source_id, id, load, read_at, least(coalesce(instant(v[2]), read_at), read_at) AS stamp, v[3] AS version,
       blank(v[4]) AS given_name, blank(v[5]) AS family_name, blank(v[6]) AS company_name, address(v[7]) AS email, e164(v[8]) AS phone,
       nullif(concat_ws(', ', blank(v[9]), blank(v[10]), blank(v[11]), blank(v[12]), blank(v[13])), '') AS street,
       blank(v[14]) AS city, blank(v[15]) AS state, blank(v[16]) AS postal_code, blank(v[17]) AS country,
       CASE lower(trim(v[18])) WHEN 'true' THEN 'active' WHEN 'false' THEN 'inactive' END AS status,
       try_cast(trim(v[19]) AS DECIMAL(19, 4)) AS balance, blank(v[20]) AS currency,
       CASE WHEN blank(v[1]) IS NULL THEN 'quickbooks_online customer: the record has no id'
            WHEN blank(v[19]) IS NOT NULL AND try_cast(trim(v[19]) AS DECIMAL(19, 4)) IS NULL
            THEN 'quickbooks_online customer: balance: ''' || left(v[19], 80) || ''' cannot be read as money (field Balance)'
       END AS broken, record
FROM (
    SELECT id, _dlt_load_id AS load, read_at, seq, record, json_extract_string(record, [
        '$.Id', '$.MetaData.LastUpdatedTime', '$.SyncToken', '$.GivenName', '$.FamilyName', '$.CompanyName',
        '$.PrimaryEmailAddr.Address', '$.PrimaryPhone.FreeFormNumber', '$.BillAddr.Line1', '$.BillAddr.Line2', '$.BillAddr.Line3',
        '$.BillAddr.Line4', '$.BillAddr.Line5', '$.BillAddr.City', '$.BillAddr.CountrySubDivisionCode', '$.BillAddr.PostalCode',
        '$.BillAddr.Country', '$.Active', '$.Balance', '$.CurrencyRef.value']) AS v
    FROM read_parquet(getvariable('quickbooks')) WHERE NOT deleted
)
QUALIFY row_number() OVER (PARTITION BY id ORDER BY stamp DESC, seq DESC) = 1;

CREATE TABLE quarantine AS
SELECT 'hubspot' AS system, id, source_id, broken AS reason, record FROM hubspot WHERE broken IS NOT NULL
UNION ALL SELECT 'jobber', id, source_id, broken, record FROM jobber WHERE broken IS NOT NULL
UNION ALL SELECT 'quickbooks_online', id, source_id, broken, record FROM quickbooks_online WHERE broken IS NOT NULL;
DELETE FROM hubspot WHERE broken IS NOT NULL;
DELETE FROM jobber WHERE broken IS NOT NULL;
DELETE FROM quickbooks_online WHERE broken IS NOT NULL;
ALTER TABLE hubspot DROP COLUMN record;
ALTER TABLE jobber DROP COLUMN record;
ALTER TABLE quickbooks_online DROP COLUMN record;

-- the crosswalk: five exact keys, two steps along them; of two records of one system with the same key the lower one counts
CREATE MACRO bare(x) AS nullif(regexp_replace(lower(strip_accents(x)), '[^\p{L}\p{N}+]', '', 'g'), '');
CREATE TABLE record AS
SELECT row_number() OVER (ORDER BY system, source_id) AS n, system, source_id, email, bare(phone) AS phone,
       bare(given_name) AS given, bare(family_name) AS family, bare(company_name) AS company, bare(street) AS street,
       bare(postal_code) AS zip
FROM (
    SELECT 'hubspot' AS system, source_id, email, phone, given_name, family_name, company_name, street, postal_code FROM hubspot
    UNION ALL SELECT 'jobber', source_id, email, phone, given_name, family_name, company_name, street, postal_code FROM jobber
    UNION ALL
    SELECT 'quickbooks_online', source_id, email, phone, given_name, family_name, company_name, street, postal_code
    FROM quickbooks_online
);
CREATE TEMP TABLE shared AS
SELECT unnest(members) AS n, first, first * 10 + rank AS tie
FROM (
    SELECT list(n) AS members, min(n) AS first, any_value(rank) AS rank
    FROM (
        SELECT min(n) AS n, count(*) AS held, rank, key FROM (
            SELECT n, system, 0 AS rank, '0:' || strip_accents(email) AS key FROM record WHERE email IS NOT NULL
            UNION ALL SELECT n, system, 1, '1:' || phone || '|' || family FROM record WHERE phone || family IS NOT NULL
            UNION ALL SELECT n, system, 2, '2:' || phone || '|' || company FROM record WHERE phone || company IS NOT NULL
            UNION ALL SELECT n, system, 3, '3:' || family || '|' || given || '|' || street || '|' || zip FROM record
            WHERE family || given || street || zip IS NOT NULL
            UNION ALL SELECT n, system, 4, '4:' || company || '|' || street || '|' || zip FROM record
            WHERE company || street || zip IS NOT NULL
        ) GROUP BY rank, key, system
    )
    GROUP BY key HAVING count(*) > 1 AND max(held) <= 3
);
CREATE TEMP TABLE leader AS
WITH one AS (SELECT n, min(first) AS first FROM shared GROUP BY n),
     two AS (SELECT tie, min(one.first) AS first FROM shared JOIN one USING (n) GROUP BY tie)
SELECT n, min(two.first) AS first FROM shared JOIN two USING (tie) GROUP BY n;
CREATE TABLE xref AS
SELECT 'cus_' || substr(sha256(f.system || ':' || f.source_id), 1, 16) AS core_id, r.system, r.source_id
FROM record AS r LEFT JOIN leader AS l USING (n) JOIN record AS f ON f.n = coalesce(l.first, r.n);

-- one wide row for each customer
CREATE TEMP TABLE wide AS
SELECT c.core_id, h, j, q,
       CASE WHEN coalesce(h.street, h.city, h.state, h.postal_code, h.country) IS NOT NULL THEN 'hubspot'
            WHEN coalesce(j.street, j.city, j.state, j.postal_code, j.country) IS NOT NULL THEN 'jobber'
            WHEN coalesce(q.street, q.city, q.state, q.postal_code, q.country) IS NOT NULL THEN 'quickbooks_online' END AS place
FROM (
    SELECT core_id, max(source_id) FILTER (system = 'hubspot') AS hid, max(source_id) FILTER (system = 'jobber') AS jid,
           max(source_id) FILTER (system = 'quickbooks_online') AS qid
    FROM xref GROUP BY core_id
) AS c
LEFT JOIN hubspot AS h ON h.source_id = hid LEFT JOIN jobber AS j ON j.source_id = jid
LEFT JOIN quickbooks_online AS q ON q.source_id = qid;

CREATE MACRO whose(h, j, q) AS CASE WHEN h IS NOT NULL THEN 'hubspot' WHEN j IS NOT NULL THEN 'jobber' WHEN q IS NOT NULL
    THEN 'quickbooks_online' END;
CREATE MACRO of(whom, h, j, q) AS CASE whom WHEN 'hubspot' THEN h WHEN 'jobber' THEN j WHEN 'quickbooks_online' THEN q END;

CREATE TABLE core AS
SELECT *, of(given_name__from, hs, js, qs) AS given_name__at, of(family_name__from, hs, js, qs) AS family_name__at,
       of(company_name__from, hs, js, qs) AS company_name__at, of(email__from, hs, js, qs) AS email__at,
       of(phone__from, hs, js, qs) AS phone__at, of(place, hs, js, qs) AS address__at, of(status__from, hs, js, qs) AS status__at,
       of(tags__from, hs, js, qs) AS tags__at, of(balance__from, hs, js, qs) AS balance__at, of(currency__from, hs, js, qs) AS currency__at
FROM (
    SELECT core_id, h.stamp AS hs, j.stamp AS js, q.stamp AS qs, place,
           coalesce(h.given_name, j.given_name, q.given_name) AS given_name,
           whose(h.given_name, j.given_name, q.given_name) AS given_name__from,
           coalesce(h.family_name, j.family_name, q.family_name) AS family_name,
           whose(h.family_name, j.family_name, q.family_name) AS family_name__from,
           coalesce(h.company_name, j.company_name, q.company_name) AS company_name,
           whose(h.company_name, j.company_name, q.company_name) AS company_name__from,
           coalesce(h.email, j.email, q.email) AS email, whose(h.email, j.email, q.email) AS email__from,
           coalesce(j.phone, h.phone, q.phone) AS phone,
           CASE WHEN j.phone IS NOT NULL THEN 'jobber' ELSE whose(h.phone, NULL, q.phone) END AS phone__from,
           of(place, h.street, j.street, q.street) AS street, of(place, h.city, j.city, q.city) AS city,
           of(place, h.state, j.state, q.state) AS state, of(place, h.postal_code, j.postal_code, q.postal_code) AS postal_code,
           of(place, h.country, j.country, q.country) AS country,
           coalesce(h.status, j.status, q.status) AS status, whose(h.status, j.status, q.status) AS status__from,
           j.tags AS tags, CASE WHEN j.tags IS NOT NULL THEN 'jobber' END AS tags__from,
           coalesce(q.balance, j.balance) AS balance,
           CASE WHEN q.balance IS NOT NULL THEN 'quickbooks_online' WHEN j.balance IS NOT NULL THEN 'jobber' END AS balance__from,
           coalesce(q.currency, j.currency) AS currency,
           CASE WHEN q.currency IS NOT NULL THEN 'quickbooks_online' WHEN j.currency IS NOT NULL THEN 'jobber' END AS currency__from
    FROM wide
);

CREATE TABLE changes AS
SELECT core_id, 'given_name' AS field, given_name AS "new", given_name__from AS source, given_name__at AS "at" FROM core WHERE given_name IS NOT NULL
UNION ALL SELECT core_id, 'family_name', family_name, family_name__from, family_name__at FROM core WHERE family_name IS NOT NULL
UNION ALL SELECT core_id, 'company_name', company_name, company_name__from, company_name__at FROM core WHERE company_name IS NOT NULL
UNION ALL SELECT core_id, 'email', email, email__from, email__at FROM core WHERE email IS NOT NULL
UNION ALL SELECT core_id, 'phone', phone, phone__from, phone__at FROM core WHERE phone IS NOT NULL
UNION ALL SELECT core_id, 'street', street, place, address__at FROM core WHERE street IS NOT NULL
UNION ALL SELECT core_id, 'city', city, place, address__at FROM core WHERE city IS NOT NULL
UNION ALL SELECT core_id, 'state', state, place, address__at FROM core WHERE state IS NOT NULL
UNION ALL SELECT core_id, 'postal_code', postal_code, place, address__at FROM core WHERE postal_code IS NOT NULL
UNION ALL SELECT core_id, 'country', country, place, address__at FROM core WHERE country IS NOT NULL
UNION ALL SELECT core_id, 'status', status, status__from, status__at FROM core WHERE status IS NOT NULL
UNION ALL SELECT core_id, 'tags', tags::VARCHAR, tags__from, tags__at FROM core WHERE tags IS NOT NULL
UNION ALL SELECT core_id, 'balance', balance::VARCHAR, balance__from, balance__at FROM core WHERE balance IS NOT NULL
UNION ALL SELECT core_id, 'currency', currency, currency__from, currency__at FROM core WHERE currency IS NOT NULL;

CREATE TEMP TABLE beside AS
SELECT core_id, c, h, j, q FROM core AS c JOIN wide USING (core_id);
CREATE TEMP TABLE said AS
SELECT core_id, system, unnest([
    {'field': 'given_name', 'mine': s.given_name, 'core': c.given_name, 'whose': c.given_name__from, 'at': c.given_name__at},
    {'field': 'family_name', 'mine': s.family_name, 'core': c.family_name, 'whose': c.family_name__from, 'at': c.family_name__at},
    {'field': 'company_name', 'mine': s.company_name, 'core': c.company_name, 'whose': c.company_name__from, 'at': c.company_name__at},
    {'field': 'email', 'mine': s.email, 'core': c.email, 'whose': c.email__from, 'at': c.email__at},
    {'field': 'phone', 'mine': s.phone, 'core': c.phone, 'whose': c.phone__from, 'at': c.phone__at},
    {'field': 'street', 'mine': s.street, 'core': c.street, 'whose': c.place, 'at': c.address__at},
    {'field': 'city', 'mine': s.city, 'core': c.city, 'whose': c.place, 'at': c.address__at},
    {'field': 'state', 'mine': s.state, 'core': c.state, 'whose': c.place, 'at': c.address__at},
    {'field': 'postal_code', 'mine': s.postal_code, 'core': c.postal_code, 'whose': c.place, 'at': c.address__at},
    {'field': 'country', 'mine': s.country, 'core': c.country, 'whose': c.place, 'at': c.address__at},
    {'field': 'status', 'mine': s.status, 'core': c.status, 'whose': c.status__from, 'at': c.status__at},
    {'field': 'balance', 'mine': s.balance::VARCHAR, 'core': c.balance::VARCHAR, 'whose': c.balance__from, 'at': c.balance__at},
    {'field': 'currency', 'mine': s.currency, 'core': c.currency, 'whose': c.currency__from, 'at': c.currency__at}
], recursive := true), s.source_id, s.stamp, s.version, s.load
FROM (
    SELECT core_id, 'hubspot' AS system, c, {'source_id': h.source_id, 'stamp': h.stamp, 'version': h.version, 'load': h.load,
        'given_name': h.given_name, 'family_name': h.family_name, 'company_name': h.company_name, 'email': h.email, 'phone': h.phone,
        'street': h.street, 'city': h.city, 'state': h.state, 'postal_code': h.postal_code, 'country': h.country,
        'status': h.status, 'balance': NULL::DECIMAL(19, 4), 'currency': NULL::VARCHAR} AS s
    FROM beside WHERE h.source_id IS NOT NULL AND (h.given_name <> c.given_name OR h.family_name <> c.family_name OR h.company_name <> c.company_name
        OR h.email IS DISTINCT FROM c.email OR h.phone IS DISTINCT FROM c.phone OR h.status <> c.status
        OR (h.given_name, h.family_name, h.company_name) IS DISTINCT FROM (c.given_name, c.family_name, c.company_name)
        OR (h.street, h.city, h.state, h.postal_code, h.country) IS DISTINCT FROM (c.street, c.city, c.state, c.postal_code, c.country))
    UNION ALL
    SELECT core_id, 'jobber', c, {'source_id': j.source_id, 'stamp': j.stamp, 'version': j.version, 'load': j.load,
        'given_name': j.given_name, 'family_name': j.family_name, 'company_name': j.company_name, 'email': j.email, 'phone': j.phone,
        'street': j.street, 'city': j.city, 'state': j.state, 'postal_code': j.postal_code, 'country': j.country,
        'status': j.status, 'balance': j.balance, 'currency': j.currency}
    FROM beside WHERE j.source_id IS NOT NULL AND (j.email <> c.email OR j.phone <> c.phone OR j.status <> c.status OR j.balance <> c.balance
        OR j.currency <> c.currency OR j.given_name <> c.given_name OR j.family_name <> c.family_name OR j.company_name <> c.company_name
        OR (j.street, j.city, j.state, j.postal_code, j.country) IS DISTINCT FROM (c.street, c.city, c.state, c.postal_code, c.country))
    UNION ALL
    SELECT core_id, 'quickbooks_online', c, {'source_id': q.source_id, 'stamp': q.stamp, 'version': q.version, 'load': q.load,
        'given_name': q.given_name, 'family_name': q.family_name, 'company_name': q.company_name, 'email': q.email, 'phone': q.phone,
        'street': q.street, 'city': q.city, 'state': q.state, 'postal_code': q.postal_code, 'country': q.country,
        'status': q.status, 'balance': q.balance, 'currency': q.currency}
    FROM beside WHERE q.source_id IS NOT NULL AND (q.email IS DISTINCT FROM c.email OR q.phone IS DISTINCT FROM c.phone OR q.status <> c.status
        OR q.balance <> c.balance OR q.currency <> c.currency
        OR (q.given_name, q.family_name, q.company_name) IS DISTINCT FROM (c.given_name, c.family_name, c.company_name)
        OR (q.street, q.city, q.state, q.postal_code, q.country) IS DISTINCT FROM (c.street, c.city, c.state, c.postal_code, c.country))
);

CREATE TABLE conflicts AS
SELECT core_id, field, whose AS winner, core AS winner_value, "at" AS winner_at, system AS loser, mine AS loser_value, stamp AS loser_at
FROM said WHERE mine IS DISTINCT FROM core AND mine IS NOT NULL;

CREATE TABLE plan AS
SELECT d.system, d.core_id, d.source_id AS target_id, d.version, d.field, d.mine AS before, d.core AS after, d.whose AS cause, x.source_id AS cause_id
FROM said AS d LEFT JOIN xref AS x ON x.core_id = d.core_id AND x.system = d.whose
WHERE d.core IS NOT NULL AND d.mine IS DISTINCT FROM d.core
  AND ((d.system = 'hubspot' AND d.field NOT IN ('balance', 'currency') AND NOT (d.field = 'status' AND d.core = 'inactive'))
       OR (d.system = 'quickbooks_online' AND d.field NOT IN ('status', 'balance', 'currency')));
