-- Groups that exact keys alone decide: new records, at most one of each system, tied by keys to each other and to nothing
-- else, neither by likeness nor by anybody's decision. Whatever else there is, each of these is one thing: resolving its
-- records one by one gives the same, slowly. They are taken out of `entangled`. views: node, crosswalk, pair; tables: met, linked; variables: entity, prefix, now, least
CREATE OR REPLACE TEMP TABLE bearers AS
WITH numbered AS (
    SELECT row_number() OVER () AS number, system, source_id FROM (FROM entangled ORDER BY system, source_id)
),
bits AS (
    SELECT system, 1::BIGINT << least(row_number() OVER (ORDER BY system) - 1, 61) AS system_bit FROM (SELECT DISTINCT system FROM entangled)
)
SELECT e.number, n.system, n.source_id, n.keys, bits.system_bit,
       c.core_id IS NULL AND n.core_ref IS NULL AND len(map_keys(coalesce(n.peers, MAP {}))) = 0
           AND l.target_id IS NULL AND p.source_id IS NULL AND v.source_id IS NULL AS plain
FROM met AS n
JOIN numbered AS e USING (system, source_id)
JOIN bits USING (system)
LEFT JOIN linked AS c USING (system, source_id)
LEFT JOIN (SELECT DISTINCT system, target_id FROM meta.links WHERE entity = getvariable('entity')) AS l
    ON l.system = n.system AND l.target_id = n.source_id
LEFT JOIN (
    SELECT DISTINCT unnest(map_keys(peers)) AS system, unnest(map_values(peers)) AS source_id FROM node WHERE peers IS NOT NULL
) AS p ON p.system = n.system AND p.source_id = n.source_id
LEFT JOIN (
    SELECT left_system AS system, left_id AS source_id FROM meta.verdicts WHERE entity = getvariable('entity')
    UNION SELECT right_system, right_id FROM meta.verdicts WHERE entity = getvariable('entity')
) AS v ON v.system = n.system AND v.source_id = n.source_id;

-- one row for each record and each key that leads to another system; no record has two keys of one rank, so that the
-- key's first record and its rank are a short name for it
CREATE OR REPLACE TEMP TABLE ties AS
SELECT unnest(numbers) AS number, first, rank, first * 1000 + rank AS tie, alone
FROM (
    SELECT list(number) AS numbers, min(number) AS first, split_part(key, ':', 1)::INTEGER AS rank,
           bool_and(plain) AND count(*) = bit_count(bit_or(system_bit)) AS alone, bit_count(bit_or(system_bit)) AS systems
    FROM (SELECT number, system_bit, plain, unnest(keys) AS key FROM bearers)
    GROUP BY key
)
WHERE systems > 1;

-- each record's group: the first record that it reaches over one key, then over two
CREATE OR REPLACE TEMP TABLE reached AS
SELECT number, min(first) AS nearest, min(rank) AS rank, bool_and(alone) AS alone FROM ties GROUP BY number;

CREATE OR REPLACE TEMP TABLE grouped AS
SELECT t.number, min(k.leader) AS leader
FROM ties AS t JOIN (SELECT tie, min(r.nearest) AS leader FROM ties JOIN reached AS r USING (number) GROUP BY tie) AS k USING (tie)
GROUP BY t.number;

CREATE OR REPLACE TEMP TABLE plain AS
WITH closed AS (
    -- a key whose records are of several groups leads on from here: these groups are larger than was looked
    SELECT DISTINCT g.leader FROM ties AS t JOIN grouped AS g USING (number)
    JOIN (
        SELECT tie FROM ties JOIN grouped USING (number) GROUP BY tie HAVING min(leader) <> max(leader)
    ) AS torn USING (tie)
    UNION
    -- likeness leads out of the group
    SELECT unnest([g.leader, h.leader])
    FROM pair AS p
    JOIN bearers AS a ON a.system = p.left_system AND a.source_id = p.left_id
    JOIN bearers AS b ON b.system = p.right_system AND b.source_id = p.right_id
    LEFT JOIN grouped AS g ON g.number = a.number
    LEFT JOIN grouped AS h ON h.number = b.number
    WHERE p.weight >= getvariable('least') AND g.leader IS DISTINCT FROM h.leader
),
whole AS (
    SELECT g.leader
    FROM grouped AS g JOIN reached AS r USING (number) JOIN bearers AS b USING (number)
    ANTI JOIN closed USING (leader)
    GROUP BY g.leader
    HAVING bool_and(r.alone) AND count(*) = bit_count(bit_or(b.system_bit))
),
named AS (
    SELECT w.leader, getvariable('prefix') || '_' || substr(sha256(b.system || ':' || b.source_id), 1, 16) AS core_id
    FROM whole AS w JOIN bearers AS b ON b.number = w.leader
)
SELECT n.core_id, b.system, b.source_id, 'key' || r.rank AS method, getvariable('now')::TIMESTAMP AS since
FROM named AS n
ANTI JOIN crosswalk AS taken ON taken.core_id = n.core_id
JOIN grouped AS g USING (leader) JOIN reached AS r USING (number) JOIN bearers AS b USING (number);

DELETE FROM entangled WHERE (system, source_id) IN (SELECT (system, source_id) FROM plain);
