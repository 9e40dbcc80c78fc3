-- W3 by hand: each event type once, filtered counts against the index day. A condition on a value that is missing is
-- unknown: `at least n` is true from n sure events on, unknown where the unknown ones could make up n.
CREATE OR REPLACE TEMP TABLE steps AS
WITH treated AS (
    SELECT patient, min(start) AS rt FROM log.radiotherapy GROUP BY patient
), metastases AS (
    SELECT
        patient,
        count(*) FILTER (start >= rt - 180 AND site IN ('liver', 'lung')) AS near,
        count(*) FILTER (start >= rt - 180 AND site IS NULL) AS near_unknown,
        count(*) FILTER (site NOT IN ('liver', 'lung')) AS elsewhere,
        count(*) FILTER (site IS NULL) AS elsewhere_unknown
    FROM log.metastasis JOIN treated USING (patient) WHERE start <= rt GROUP BY patient
), scans AS (
    SELECT
        patient,
        count(*) FILTER (start <= rt AND modality = 'CT') AS staged,
        count(*) FILTER (start <= rt AND modality IS NULL) AS staged_unknown,
        count(*) FILTER (start > rt AND modality = 'CT' AND response IS NOT NULL) AS measured,
        count(*) FILTER (start > rt AND modality IS NULL AND response IS NOT NULL) AS measured_unknown,
        count(*) FILTER (start > rt AND modality = 'CT' AND response = 'progressive') AS grew,
        count(*) FILTER (start > rt AND coalesce(modality = 'CT', true) AND coalesce(response = 'progressive', true)) AS may_grow
    FROM log.imaging JOIN treated USING (patient) WHERE start >= rt - 90 AND start <= rt + 180 GROUP BY patient
), cycles AS (
    SELECT
        patient,
        count(*) FILTER (start > rt AND start <= rt + 60) AS soon,
        count(*) FILTER (start <= rt) AS before,
        count(*) FILTER (start > rt AND start <= rt + 240) AS given
    FROM log.chemotherapy JOIN treated USING (patient) GROUP BY patient
), operations AS (
    SELECT
        patient,
        count(*) AS all_sites,
        count(*) FILTER (intent = 'curative') AS curative,
        count(*) FILTER (intent IS NULL) AS unknown
    FROM log.surgery JOIN treated USING (patient) WHERE start > rt AND start <= rt + 400 GROUP BY patient
), answers AS (
    SELECT
        patient,
        rt,
        CASE WHEN near > 0 THEN true WHEN near_unknown > 0 THEN NULL ELSE false END AS r1,
        CASE WHEN elsewhere > 0 THEN false WHEN elsewhere_unknown > 0 THEN NULL ELSE true END AS r2,
        CASE WHEN staged > 0 THEN true WHEN staged_unknown > 0 THEN NULL ELSE false END AS r3,
        coalesce(soon > 0, false) AS r4,
        coalesce(before = 0, true) AS r5,
        coalesce(given >= 4, false) AS r6,
        CASE WHEN measured > 0 THEN true WHEN measured_unknown > 0 THEN NULL ELSE false END AS r7,
        CASE WHEN grew > 0 THEN false WHEN may_grow > 0 THEN NULL ELSE true END AS r8,
        CASE WHEN curative > 0 THEN true WHEN unknown > 0 THEN NULL ELSE false END AS r9,
        coalesce(all_sites <= 3, true) AS r10
    FROM treated
    LEFT JOIN metastases USING (patient)
    LEFT JOIN scans USING (patient)
    LEFT JOIN cycles USING (patient)
    LEFT JOIN operations USING (patient)
)
SELECT
    patient,
    rt,
    CASE
        WHEN r1 IS NOT true THEN 2 WHEN r2 IS NOT true THEN 3 WHEN r3 IS NOT true THEN 4 WHEN r4 IS NOT true THEN 5
        WHEN r5 IS NOT true THEN 6 WHEN r6 IS NOT true THEN 7 WHEN r7 IS NOT true THEN 8 WHEN r8 IS NOT true THEN 9
        WHEN r9 IS NOT true THEN 10 WHEN r10 IS NOT true THEN 11 ELSE 0
    END AS step,
    CASE step
        WHEN 2 THEN r1 IS NULL WHEN 3 THEN r2 IS NULL WHEN 4 THEN r3 IS NULL WHEN 8 THEN r7 IS NULL
        WHEN 9 THEN r8 IS NULL WHEN 10 THEN r9 IS NULL ELSE false
    END AS unknown
FROM answers;

SELECT step, count(*) AS patients, count(*) FILTER (unknown) AS unknown FROM steps GROUP BY step;

SELECT patient, rt AS "index" FROM steps WHERE step = 0;
