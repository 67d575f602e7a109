-- Records as they are compared: without case, accents and punctuation, a street apart from its number, streets spelt alike.
-- table: records (id, system and the compared columns, all text; what a source lacks is empty)
CREATE OR REPLACE MACRO plain(t) AS nullif(trim(regexp_replace(
    regexp_replace(strip_accents(lower(t)), '[''.]', '', 'g'), '[^\p{L}\p{N}]+', ' ', 'g')), '');

CREATE OR REPLACE MACRO bare(t) AS nullif(regexp_replace(lower(t), '[^0-9a-z]', '', 'g'), '');

-- "between", "at" and "near" describe the way there and are no part of the address.
CREATE OR REPLACE MACRO spelt(t) AS nullif(array_to_string(list_transform(
    string_split(trim(regexp_replace(t, ' (between|btwn|bet|at|near|off|in) .*$', '')), ' '),
    lambda word: coalesce(MAP {
        'street': 'st', 'avenue': 'ave', 'av': 'ave', 'boulevard': 'blvd', 'blv': 'blvd', 'road': 'rd', 'drive': 'dr',
        'lane': 'ln', 'place': 'pl', 'court': 'ct', 'highway': 'hwy', 'square': 'sq', 'parkway': 'pkwy',
        'north': 'n', 'south': 's', 'east': 'e', 'west': 'w', 'first': '1st', 'second': '2nd', 'third': '3rd',
        'fourth': '4th', 'fifth': '5th', 'sixth': '6th', 'seventh': '7th', 'eighth': '8th', 'ninth': '9th',
        'tenth': '10th'
    }[word], word)), ' '), '');

-- The words of a name, sorted, without its town and what kind of firm it is.
CREATE OR REPLACE MACRO worded(t, place) AS list_sort(list_distinct(list_filter(string_split(t, ' '),
    lambda word: NOT list_contains(string_split(coalesce(place, ''), ' '), word) AND word NOT IN ('the', 'and', 'of', 'on', 'at', 'a', 'le', 'la', 'les', 'inc', 'llc', 'ltd', 'co',
        'corp', 'company', 'limited', 'gmbh', 'pty', 'plc'))));

CREATE OR REPLACE TABLE prepared AS
WITH parted AS (
    SELECT *, plain(street) AS whole FROM records
)
SELECT id AS unique_id, system,
       replace(plain(given_name), ' ', '') AS given_name,
       replace(plain(family_name), ' ', '') AS family_name,
       plain(name) AS name,
       nullif(worded(plain(name), plain(city)), []) AS name_words,
       lower(nullif(trim(email), '')) AS email,
       nullif(right(regexp_replace(phone, '[^0-9]', '', 'g'), 10), '') AS phone,
       nullif(regexp_extract(whole, '^(\d+[a-z]?)( |$)', 1), '') AS street_number,
       spelt(nullif(regexp_replace(whole, '^\d+[a-z]?( |$)', ''), '')) AS street_name,
       plain(locality) AS locality,
       plain(city) AS city,
       plain(state) AS state,
       bare(postal_code) AS postal_code,
       bare(birth_date) AS birth_date,
       bare(person_id) AS person_id,
       nullif(trim(parent), '') AS parent
FROM parted
ORDER BY id;
