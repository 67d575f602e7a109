-- Records of an entity that break a check and were not decided now (scope), by check.
SELECT check_name, count(*) AS records FROM meta.violations
WHERE entity = ? AND core_id NOT IN (SELECT core_id FROM scope)
GROUP BY check_name;
