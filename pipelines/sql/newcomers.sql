-- Resources of which nothing was staged before the variable run.
SELECT system, resource FROM meta.staging GROUP BY ALL HAVING bool_and(run = getvariable('run'));
