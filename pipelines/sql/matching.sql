-- Records as they are compared: without case, accents and punctuation, a street apart from its number.
-- table: records (id, system, kind and the compared columns, all text; what a source lacks is empty)
CREATE OR REPLACE TEMP MACRO plain(t) AS nullif(trim(regexp_replace(
    regexp_replace(strip_accents(lower(t)), '[''.]', '', 'g'), '[\x00-/:-@\[-`{-©«-±´¶-¸»¿×÷\x{300}-\x{36F}\x{5BE}\x{5F3}\x{5F4}\x{60C}\x{61B}\x{61F}\x{2000}-\x{206F}\x{20A0}-\x{20CF}\x{2116}\x{2117}\x{2120}-\x{2123}\x{2190}-\x{2BFF}\x{3000}-\x{3003}\x{3008}-\x{3020}\x{FE00}-\x{FE6F}\x{1F000}-\x{1FAFF}]+', ' ', 'g')), '');

CREATE OR REPLACE TEMP MACRO bare(t) AS nullif(regexp_replace(lower(t), '[^0-9a-z]', '', 'g'), '');

-- "between", "at" and "near" describe the way there and are no part of the address.
CREATE OR REPLACE TEMP MACRO spelt(t) AS nullif(array_to_string(list_transform(
    string_split(trim(regexp_replace(t, ' (between|btwn|bet|at|near|off|in) .*$', '')), ' '),
    lambda word: coalesce(MAP {
        'street': 'st', 'avenue': 'ave', 'av': 'ave', 'boulevard': 'blvd', 'blv': 'blvd', 'road': 'rd', 'drive': 'dr',
        'lane': 'ln', 'place': 'pl', 'court': 'ct', 'highway': 'hwy', 'square': 'sq', 'parkway': 'pkwy',
        'north': 'n', 'south': 's', 'east': 'e', 'west': 'w', 'first': '1st', 'second': '2nd', 'third': '3rd',
        'fourth': '4th', 'fifth': '5th', 'sixth': '6th', 'seventh': '7th', 'eighth': '8th', 'ninth': '9th',
        'tenth': '10th'
    }[word], word)), ' '), '');

-- The words of a name, sorted, without its town and what kind of firm it is.
CREATE OR REPLACE TEMP MACRO worded(t, place) AS list_sort(list_distinct(list_filter(string_split(t, ' '),
    lambda word: NOT list_contains(string_split(coalesce(place, ''), ' '), word)
        AND word NOT IN ('the', 'and', 'of', 'on', 'at', 'a', 'le', 'la', 'les', 'inc', 'llc',
        'ltd', 'co', 'corp', 'company', 'limited', 'gmbh', 'pty', 'plc'))));

-- What a first name may be short for, itself included.
CREATE OR REPLACE TEMP MACRO called(t) AS list_append(coalesce(MAP {
    'abby': ['abigail'], 'alex': ['alexander', 'alexandra'], 'andy': ['andrew'], 'barb': ['barbara'],
    'becky': ['rebecca'], 'ben': ['benjamin'], 'beth': ['elizabeth'], 'betty': ['elizabeth'], 'bill': ['william'],
    'billy': ['william'], 'bob': ['robert'], 'bobby': ['robert'], 'cate': ['catherine'], 'cathy': ['catherine'],
    'charlie': ['charles'], 'chris': ['christopher', 'christine'], 'chuck': ['charles'], 'cindy': ['cynthia'],
    'dan': ['daniel'], 'danny': ['daniel'], 'dave': ['david'], 'davey': ['david'], 'deb': ['deborah'],
    'debbie': ['deborah'], 'dick': ['richard'], 'don': ['donald'], 'dot': ['dorothy'], 'dottie': ['dorothy'],
    'doug': ['douglas'], 'drew': ['andrew'], 'ed': ['edward'], 'eddie': ['edward'], 'eliza': ['elizabeth'],
    'ginny': ['virginia'], 'greg': ['gregory'], 'jack': ['john'], 'jackie': ['jacqueline'], 'jake': ['jacob'],
    'jamie': ['james'], 'jeff': ['jeffrey'], 'jen': ['jennifer'], 'jenny': ['jennifer'], 'jerry': ['gerald'],
    'jess': ['jessica'], 'jim': ['james'], 'jimmy': ['james'], 'joe': ['joseph'], 'joey': ['joseph'],
    'johnny': ['john'], 'jon': ['jonathan'], 'josh': ['joshua'], 'judy': ['judith'], 'kate': ['katherine'],
    'kathy': ['katherine'], 'katie': ['katherine'], 'ken': ['kenneth'], 'kenny': ['kenneth'], 'kim': ['kimberly'],
    'kit': ['christopher'], 'larry': ['lawrence'], 'liam': ['william'], 'liz': ['elizabeth'],
    'lizzie': ['elizabeth'], 'maggie': ['margaret'], 'mandy': ['amanda'], 'matt': ['matthew'], 'meg': ['margaret'],
    'mick': ['michael'], 'mickey': ['michael'], 'mike': ['michael'], 'nate': ['nathaniel'], 'nick': ['nicholas'],
    'paddy': ['patrick'], 'pam': ['pamela'], 'pat': ['patrick', 'patricia'], 'patty': ['patricia'],
    'peggy': ['margaret'], 'ray': ['raymond'], 'rich': ['richard'], 'rick': ['richard'], 'ricky': ['richard'],
    'rob': ['robert'], 'robbie': ['robert'], 'ron': ['ronald'], 'ronnie': ['ronald'], 'sam': ['samuel', 'samantha'],
    'sammy': ['samantha'], 'steve': ['steven', 'stephen'], 'sue': ['susan'], 'susie': ['susan'], 'ted': ['edward'],
    'terry': ['theresa'], 'tim': ['timothy'], 'tina': ['christine'], 'tom': ['thomas'], 'tommy': ['thomas'],
    'tony': ['anthony'], 'tori': ['victoria'], 'tricia': ['patricia'], 'trish': ['patricia'], 'vicky': ['victoria'],
    'will': ['william'], 'zach': ['zachary']
}[t], []), t);

CREATE OR REPLACE TEMP TABLE prepared AS
WITH parted AS (
    SELECT *, plain(street) AS whole, replace(plain(given_name), ' ', '') AS given FROM records
),
-- many are called the same
named AS (
    SELECT given, called(given) AS given_names FROM (SELECT DISTINCT given FROM parted WHERE given IS NOT NULL)
)
SELECT id AS unique_id, system, kind,
       given AS given_name, given_names,
       replace(plain(family_name), ' ', '') AS family_name,
       plain(name) AS name,
       CASE WHEN name IS NOT NULL THEN nullif(worded(plain(name), plain(city)), []) END AS name_words,
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
FROM parted LEFT JOIN named USING (given)
ORDER BY id;
