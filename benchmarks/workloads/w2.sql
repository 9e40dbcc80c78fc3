-- W2 by hand. What is sought after an anchor is a filtered minimum over the events joined with the anchors.
WITH cleared AS (
    -- The last curative operation: its day, and its own last day, from which `after` counts.
    SELECT patient, max(start) AS origin, arg_max(coalesce("end", start), moment(start, position)) AS last_day
    FROM log.surgery WHERE intent = 'curative' GROUP BY patient
), relapsed AS (
    SELECT patient, min(start) AS day FROM log.recurrence JOIN cleared USING (patient)
    WHERE start > last_day AND start >= origin GROUP BY patient
), progressed AS (
    SELECT patient, min(start) AS day FROM log.progression JOIN cleared USING (patient)
    WHERE start > last_day AND start >= origin GROUP BY patient
), died AS (
    SELECT patient, min(start) AS day FROM log.death JOIN cleared USING (patient) WHERE start >= origin GROUP BY patient
), seen AS (
    SELECT patient, max(coalesce("end", start)) AS day FROM log.follow_up GROUP BY patient
), days AS (
    SELECT
        patient,
        origin,
        relapsed.day AS relapse,
        least(relapsed.day, progressed.day) AS event,
        died.day AS death,
        coalesce(least(relapsed.day, progressed.day, died.day), seen.day) AS "end"
    FROM cleared
    LEFT JOIN relapsed USING (patient)
    LEFT JOIN progressed USING (patient)
    LEFT JOIN died USING (patient)
    LEFT JOIN seen USING (patient)
)
SELECT
    patient,
    origin,
    CASE WHEN "end" >= origin THEN "end" END AS "end",
    CASE WHEN "end" >= origin THEN "end" - origin END AS time,
    CASE WHEN "end" >= origin THEN coalesce(event = "end", false)::INTEGER END AS cause,
    CASE
        WHEN "end" >= origin THEN
            CASE
                WHEN relapse = "end" THEN 'recurrence'
                WHEN event = "end" THEN 'progression'
                WHEN death = "end" THEN 'died without recurrence'
                ELSE 'end of follow-up'
            END
    END AS reason,
    CASE WHEN "end" IS NULL THEN 'no follow-up' WHEN "end" < origin THEN 'end before origin' END AS excluded
FROM days
