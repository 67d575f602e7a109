-- Of the values that systems disagree about: how often which system changed its own last.
SELECT entity, field, CASE WHEN loser_at > winner_at THEN loser ELSE winner END AS system, count(*) AS times
FROM core.conflicts
GROUP BY ALL
ORDER BY ALL
