-- Customers as a CRM, a scheduling tool and the books hold them: mostly agreeing, as ugly as real ones.
-- variable: people (how many real customers; they give 2.5 source rows each). Chance is a hash of the person's number, so
-- that every run has the same data. ``agreed``: as after the first plan was carried out; ``moved``: edited by a person since.
CREATE MACRO chance(i, what, of_thousand) AS hash(i::VARCHAR || what) % 1000 < of_thousand;
CREATE MACRO pick(i, what, listed) AS listed[1 + (hash(i::VARCHAR || what) % len(listed))::BIGINT];

CREATE MACRO ugly(i) AS chance(i, 'none', 3) OR chance(i, 'old', 30) OR chance(i, 'blank', 50) OR chance(i, 'town', 30)
    OR chance(i, 'unit', 20) OR chance(i, 'abroad', 5);

CREATE TABLE person AS
SELECT i, chance(i, 'business', 100) AS business,
       pick(i, 'first', ['Ada', 'Bo', 'Carmen', 'Dmitri', 'Elena', 'Farid', 'Grace', 'Hiro', 'Imani', 'José', 'Kofi', 'Lena',
                         'Maya', 'Nora', 'Omar', 'Priya', 'Quentin', 'Rosa', 'Sven', 'Tariq', 'Uma', 'Viktor', 'Wen']) AS first,
       pick(i, 'last', ['Abel', 'Brandt', 'Castillo', 'Dorsey', 'Eriksen', 'Fontaine', 'Greene', 'Hobbs', 'Ibarra', 'Jansen',
                        'Kowalski', 'Lindqvist', 'Moreau', 'Nakamura', 'O''Brien', 'Petrov', 'Quinn', 'Rossi', 'Sato'])
           || chr(97 + (i % 26)::INTEGER) AS last,
       printf('(%d) %d-%04d', 201 + i % 700, (2000000 + i * 7919 % 7999993) // 10000, (i * 7919 % 7999993) % 10000) AS phone,
       printf('%d %s', 1 + i * 31 % 9999, pick(i, 'street', ['Oak St', 'Elm Ave', 'Main St', 'Mill Rd', 'Cedar Ln'])) AS street,
       pick(i, 'city', ['Austin', 'Dallas', 'Waco', 'Plano', 'Tyler', 'El Paso', 'Laredo', 'Irving']) AS city,
       printf('%05d', 73301 + i * 17 % 6000) AS zip,
       TIMESTAMP '2024-01-01' + to_seconds(i * 61 % 30000000) AS edited
FROM range(getvariable('people')) AS t(i);

CREATE TABLE contact AS
SELECT p.*, copy, lower(p.first) || '.' || lower(strip_accents(replace(p.last, '''', ''))) || i || '@example.com' AS email
FROM person AS p, unnest(CASE WHEN chance(p.i, 'twice', 2) THEN [0, 1] ELSE [0] END) AS c(copy);

-- a CRM: an address in capitals here and there, some phone numbers out of date, every five hundredth contact there twice
CREATE MACRO crm(agreed, moved) AS TABLE
SELECT i, (1000000 + i + copy * 10000000)::VARCHAR AS id, to_json({
    'id': (1000000 + i + copy * 10000000)::VARCHAR, 'createdAt': '2024-05-01T08:00:00.000Z',
    'updatedAt': strftime(edited + CASE WHEN agreed THEN INTERVAL 300 DAY ELSE INTERVAL 0 DAY END + CASE WHEN moved THEN INTERVAL 30 DAY ELSE INTERVAL 0 DAY END, '%Y-%m-%dT%H:%M:%S.000Z'),
    'archived': false,
    'properties': {
        'firstname': first, 'lastname': last, 'company': CASE WHEN business THEN last || ' & Sons ' || i END,
        'email': CASE WHEN agreed THEN email WHEN chance(i, 'none', 3) THEN 'none' WHEN chance(i, 'caps', 100) THEN upper(email) ELSE email END,
        'phone': CASE WHEN NOT agreed AND chance(i, 'old', 30) THEN '(212) 555-' || printf('%04d', i % 10000) ELSE phone END,
        'address': CASE WHEN moved THEN '1 ' || street ELSE street END, 'city': city, 'state': 'TX', 'zip': zip,
        'country': 'US', 'lifecyclestage': CASE WHEN chance(i, 'lead', 50) THEN 'lead' ELSE 'customer' END,
        'plumbline_id': NULL, 'lastmodifieddate': strftime(edited, '%Y-%m-%dT%H:%M:%S.000Z'), 'hs_merged_object_ids': NULL
    }
})::VARCHAR AS record
FROM contact;

-- scheduling: a balance that is no number breaks a row now and then; some numbers from abroad
CREATE MACRO scheduling(agreed, moved) AS TABLE
SELECT i, 'client-' || i AS id, to_json({
    'id': 'client-' || i, 'firstName': first, 'lastName': last,
    'companyName': CASE WHEN business THEN last || ' & Sons ' || i END, 'isLead': chance(i, 'lead', 50), 'isArchived': false,
    'balance': CASE WHEN chance(i, 'unknown', 2) THEN 'unknown' ELSE (hash(i::VARCHAR) % 90000 / 100)::DECIMAL(9, 2)::VARCHAR END,
    'emails': [{'address': 'old' || i || '@example.org', 'primary': false}, {'address': email, 'primary': true}],
    'phones': [{'number': CASE WHEN NOT agreed AND chance(i, 'abroad', 5) THEN '+44 20 7946 ' || printf('%04d', i % 10000) ELSE phone END,
                'primary': true}],
    'billingAddress': {'street1': CASE WHEN moved THEN '1 ' || street ELSE street END, 'street2': CASE WHEN NOT agreed AND chance(i, 'unit', 20) THEN 'Unit ' || i % 40 END,
                       'city': city, 'province': 'TX', 'postalCode': zip, 'country': 'US'},
    'tags': {'nodes': [{'label': 'member'}, {'label': CASE WHEN i % 2 = 0 THEN 'gate code' ELSE 'dog' END}]},
    'customFields': [], 'createdAt': '2024-05-01T08:00:00Z',
    'updatedAt': strftime(edited + CASE WHEN agreed THEN INTERVAL 300 DAY ELSE INTERVAL 0 DAY END + CASE WHEN moved THEN INTERVAL 30 DAY ELSE INTERVAL 1 DAY END, '%Y-%m-%dT%H:%M:%SZ')
})::VARCHAR AS record
FROM contact WHERE copy = 0 AND i % 6 < 5;

-- the books: some customers without e-mail, found by phone and name
CREATE MACRO books(agreed, moved) AS TABLE
SELECT i, (5000 + i)::VARCHAR AS id, to_json({
    'Id': (5000 + i)::VARCHAR, 'SyncToken': '0', 'GivenName': first, 'FamilyName': last, 'DisplayName': first || ' ' || last || ' ' || i,
    'CompanyName': CASE WHEN business THEN last || ' & Sons ' || i END,
    'PrimaryEmailAddr': CASE WHEN NOT agreed AND chance(i, 'blank', 50) THEN NULL ELSE {'Address': email} END,
    'PrimaryPhone': {'FreeFormNumber': replace(replace(phone, '(', ''), ') ', '-')},
    'BillAddr': {'Id': i::VARCHAR, 'Line1': CASE WHEN moved THEN '1 ' || street ELSE street END, 'Line2': CASE WHEN NOT agreed AND chance(i, 'unit', 20) THEN 'Unit ' || i % 40 END,
                 'City': CASE WHEN NOT agreed AND chance(i, 'town', 30) THEN city || ' TX' ELSE city END,
                 'CountrySubDivisionCode': 'TX', 'PostalCode': zip, 'Country': 'US'},
    'Active': true, 'Balance': (hash(i::VARCHAR) % 90000 / 100)::DECIMAL(9, 2), 'CurrencyRef': {'value': 'USD'},
    'Notes': NULL,
    'MetaData': {'CreateTime': '2024-05-01T00:00:00-08:00',
                 'LastUpdatedTime': strftime(edited + CASE WHEN agreed THEN INTERVAL 300 DAY ELSE INTERVAL 0 DAY END + CASE WHEN moved THEN INTERVAL 30 DAY ELSE INTERVAL 2 DAY END, '%Y-%m-%dT%H:%M:%S') || '-06:00'}
})::VARCHAR AS record
FROM contact WHERE copy = 0 AND i % 3 < 2;
