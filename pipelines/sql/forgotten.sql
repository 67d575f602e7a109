-- Nothing is known any more of when and how a handoff was compared; variable: handoff
DELETE FROM meta.compared WHERE handoff = getvariable('handoff');
DELETE FROM meta.stirred WHERE handoff = getvariable('handoff');
DELETE FROM meta.unequal WHERE handoff = getvariable('handoff');
