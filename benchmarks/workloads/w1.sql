-- W1 by hand: one scan an event type. No event has to be picked, only its day, so minima and maxima do.
WITH treated AS (
    SELECT patient, min(start) AS origin FROM log.radiotherapy GROUP BY patient
), registered AS (
    SELECT DISTINCT patient FROM log.registration
), died AS (
    SELECT patient, min(death.start) FILTER (death.start >= origin) AS day
    FROM log.death JOIN treated USING (patient) GROUP BY patient
), seen AS (
    SELECT patient, max(coalesce("end", start)) AS day FROM log.follow_up GROUP BY patient
), ended AS (
    SELECT patient, origin, died.day AS died, coalesce(died.day, seen.day) AS "end"
    FROM treated SEMI JOIN registered USING (patient) LEFT JOIN died USING (patient) LEFT JOIN seen USING (patient)
)
SELECT
    patient,
    origin,
    CASE WHEN "end" >= origin THEN "end" END AS "end",
    CASE WHEN "end" >= origin THEN "end" - origin END AS time,
    CASE WHEN "end" >= origin THEN (died IS NOT NULL)::INTEGER END AS cause,
    CASE WHEN "end" >= origin THEN CASE WHEN died IS NOT NULL THEN 'death' ELSE 'end of follow-up' END END AS reason,
    CASE WHEN "end" IS NULL THEN 'no follow-up' WHEN "end" < origin THEN 'end before origin' END AS excluded
FROM ended
