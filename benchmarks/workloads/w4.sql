-- W4 by hand: the definitions of the M1 study, one row a patient. Conditions are true, false or unknown (NULL).
CREATE OR REPLACE TEMP MACRO is_any(surely, perhaps) AS
    CASE WHEN surely > 0 THEN true WHEN perhaps > 0 THEN NULL ELSE false END;

CREATE OR REPLACE TEMP MACRO years(born, today) AS
    year(today) - year(born) - ((born + to_months(12 * (year(today) - year(born))::INTEGER))::DATE > today)::INTEGER;

CREATE OR REPLACE TEMP TABLE anchors AS
WITH rt AS (
    SELECT patient, min(start) AS rt, arg_min_null("end", moment(start, position)) AS rt_end
    FROM log.radiotherapy GROUP BY patient
), chemotherapy AS (
    SELECT patient, min(start) AS first_cycle, count(*) AS cycles FROM log.chemotherapy GROUP BY patient
), surgery AS (
    SELECT
        patient,
        max(start) FILTER (intent = 'curative') AS cleared,
        arg_max(coalesce("end", start), moment(start, position)) FILTER (intent = 'curative') AS cleared_last,
        count(*) FILTER (site = 'rectum' AND intent = 'curative') AS rectum,
        count(*) FILTER ((site = 'rectum' AND intent = 'curative') IS NULL) AS rectum_perhaps,
        count(*) FILTER (site = 'liver' AND intent = 'curative') AS liver,
        count(*) FILTER ((site = 'liver' AND intent = 'curative') IS NULL) AS liver_perhaps,
        count(*) FILTER (site = 'lung' AND intent = 'curative') AS lung,
        count(*) FILTER ((site = 'lung' AND intent = 'curative') IS NULL) AS lung_perhaps,
        count(*) FILTER (intent = 'curative') AS curative,
        count(*) FILTER (intent IS NULL) AS curative_perhaps,
        count(*) FILTER (intent = 'curative' AND r_status <> 'R0') AS margin,
        count(*) FILTER ((intent = 'curative' AND r_status <> 'R0') IS NULL) AS margin_perhaps,
        count(*) FILTER (site = 'rectum') AS any_rectum,
        count(*) FILTER (site IS NULL) AS any_rectum_perhaps
    FROM log.surgery GROUP BY patient
), registration AS (
    SELECT
        patient,
        min(start) AS registered,
        arg_min(coalesce("end", start), moment(start, position)) AS registered_last,
        arg_min_null(sex, moment(start, position)) AS sex,
        arg_min(birth_date, moment(start, position)) AS birth_date
    FROM log.registration GROUP BY patient
), seen AS (
    SELECT patient, max(coalesce("end", start)) AS seen FROM log.follow_up GROUP BY patient
)
SELECT
    *,
    (rt.rt IS NOT NULL AND registered IS NOT NULL) AS enrolled,
    coalesce(rt_end, rt.rt) AS rt_last
FROM log.patients
LEFT JOIN rt USING (patient)
LEFT JOIN chemotherapy USING (patient)
LEFT JOIN surgery USING (patient)
LEFT JOIN registration USING (patient)
LEFT JOIN seen USING (patient);

CREATE OR REPLACE TEMP TABLE recurrences AS
SELECT patient, start, coalesce("end", start) AS last_day, site, position
FROM log.recurrence JOIN anchors USING (patient) WHERE start > cleared_last;

CREATE OR REPLACE TEMP TABLE relapses AS
WITH first AS (
    SELECT patient, min(start) AS relapse, arg_min(last_day, moment(start, position)) AS relapse_last
    FROM recurrences GROUP BY patient
), around AS (
    SELECT
        patient,
        any_value(relapse) AS relapse,
        count(*) FILTER (start <= relapse_last AND site <> 'rectum') AS distant,
        count(*) FILTER (start <= relapse_last AND site IS NULL) AS distant_perhaps,
        min(start) FILTER (start > relapse_last) AS next_relapse
    FROM recurrences JOIN first USING (patient) GROUP BY patient
), treated AS (
    SELECT patient, min(start) AS again, arg_min(coalesce("end", start), moment(start, position)) AS again_last
    FROM log.recurrence_treatment JOIN around USING (patient)
    WHERE residual = 'none' AND start >= relapse AND start < coalesce(next_relapse, DATE '9999-12-31')
    GROUP BY patient
)
SELECT * FROM around LEFT JOIN treated USING (patient);

CREATE OR REPLACE TEMP TABLE patients AS
WITH tumour AS (
    SELECT
        patient,
        arg_min_null(t_category, moment(start, position)) FILTER (site = 'rectum') AS t,
        arg_min_null(n_category, moment(start, position)) FILTER (site = 'rectum') AS n,
        count(*) FILTER (start <= registered_last AND site = 'rectum' AND histology = 'adenocarcinoma'
            AND confirmed = 'histology') AS adenocarcinoma,
        count(*) FILTER ((start <= registered_last AND site = 'rectum' AND histology = 'adenocarcinoma'
            AND confirmed = 'histology') IS NULL) AS adenocarcinoma_perhaps
    FROM log.diagnosis JOIN anchors USING (patient) GROUP BY patient
), metastases AS (
    SELECT
        patient,
        coalesce(sum(lesions) FILTER (start <= rt_last AND site = 'liver'), 0) AS liver_lesions,
        coalesce(sum(lesions) FILTER (start <= rt_last AND site = 'lung'), 0) AS lung_lesions,
        count(*) FILTER (start <= rt_last AND site IN ('liver', 'lung')) AS metastatic,
        count(*) FILTER ((start <= rt_last AND site IN ('liver', 'lung')) IS NULL) AS metastatic_perhaps
    FROM log.metastasis JOIN anchors USING (patient) GROUP BY patient
), grade AS (
    SELECT patient, arg_min_null(trg, moment(start, position)) AS trg
    FROM log.pathology JOIN anchors USING (patient) WHERE site = 'rectum' AND start <= cleared_last GROUP BY patient
), progressed AS (
    SELECT patient, min(start) AS progression
    FROM log.progression JOIN anchors USING (patient) WHERE start > cleared_last GROUP BY patient
), second AS (
    SELECT patient, min(start) AS second_relapse
    FROM recurrences JOIN relapses USING (patient) WHERE start > again_last GROUP BY patient
), died AS (
    SELECT
        patient,
        min(start) FILTER (start >= rt) AS died,
        min(start) FILTER (start >= cleared) AS died_cleared,
        min(start) FILTER (start >= relapse) AS died_relapsed,
        min(start) FILTER (start >= again) AS died_again
    FROM log.death JOIN anchors USING (patient) LEFT JOIN relapses USING (patient) GROUP BY patient
), closed AS (
    SELECT patient, min(start) FILTER (start >= rt) AS closed, max(coalesce("end", start)) AS closed_seen
    FROM log.close_out JOIN anchors USING (patient) GROUP BY patient
), joined AS (
    SELECT
        *,
        coalesce(liver_lesions, 0) AS in_liver,
        coalesce(lung_lesions, 0) AS in_lung,
        died.patient IS NOT NULL AS dead
    FROM anchors
    LEFT JOIN relapses USING (patient)
    LEFT JOIN tumour USING (patient)
    LEFT JOIN metastases USING (patient)
    LEFT JOIN grade USING (patient)
    LEFT JOIN progressed USING (patient)
    LEFT JOIN second USING (patient)
    LEFT JOIN died USING (patient)
    LEFT JOIN closed USING (patient)
), days AS (
    SELECT
        patient, enrolled, rt, registered, sex, t, n, in_liver, in_lung, trg, cycles, dead, relapse, again,
        years(birth_date, rt) AS age,
        years(birth_date, registered) AS age_registered,
        first_cycle - rt_end AS rt_to_ct,
        is_any(adenocarcinoma, adenocarcinoma_perhaps) AS adenocarcinoma,
        is_any(metastatic, metastatic_perhaps) AS metastatic,
        is_any(rectum, rectum_perhaps) AS primary_resected,
        in_liver = 0 OR is_any(liver, liver_perhaps) AS liver_treated,
        in_lung = 0 OR is_any(lung, lung_perhaps) AS lung_treated,
        is_any(curative, curative_perhaps) AND NOT is_any(margin, margin_perhaps) AS free_margins,
        is_any(any_rectum, any_rectum_perhaps) AS resected,
        curative IS NOT NULL AS operated,
        is_any(distant, distant_perhaps) AS distant,
        cleared, relapse AS relapsed, again AS cleared_again,
        least(relapse, progression) AS event, second_relapse, died_cleared, died_again,
        coalesce(died, seen) AS os_end, died IS NOT NULL AS os_event,
        coalesce(least(relapse, progression, died_cleared), seen) AS rfs_end,
        coalesce(closed, closed_seen) AS followed_end, closed IS NOT NULL AS followed_event,
        coalesce(died_cleared, seen) AS clearance_end,
        coalesce(died_relapsed, seen) AS relapse_end, died_relapsed IS NOT NULL AS relapse_event,
        coalesce(least(second_relapse, died_again), seen) AS second_end
    FROM joined
)
SELECT
    *,
    trg IN {grades} AS pcr,
    CASE WHEN in_liver > 0 AND in_lung > 0 THEN 'lung and liver' WHEN in_liver > 0 THEN 'liver' WHEN in_lung > 0 THEN 'lung' END
        AS sites,
    CASE WHEN t = 'T2' AND n = 'N0' THEN 'T2N0' WHEN t = 'T2' AND n = 'N1' THEN 'T2N1' WHEN t = 'T3' AND n = 'N0' THEN 'T3N0'
        WHEN t = 'T3' AND n IN ('N1', 'N2') THEN 'T3N1-2' WHEN t = 'T4' AND n = 'N0' THEN 'T4N0'
        WHEN t = 'T4' AND n IN ('N1', 'N2') THEN 'T4N1-2' END AS stage,
    enrolled AND coalesce(primary_resected AND liver_treated AND lung_treated, false) AS all_sites,
    all_sites AND coalesce(free_margins, false) AS radical,
    CASE WHEN os_end >= rt THEN os_end - rt END AS os_time, os_event::INTEGER AS os_cause,
    CASE WHEN rfs_end >= cleared THEN rfs_end - cleared END AS rfs_time,
    CASE WHEN event = rfs_end THEN 1 WHEN died_cleared = rfs_end THEN 2 ELSE 0 END AS rfs_cause,
    CASE WHEN followed_end >= rt THEN followed_end - rt END AS followed_time, followed_event::INTEGER AS followed_cause,
    CASE WHEN clearance_end >= cleared THEN clearance_end - cleared END AS clearance_time,
    (died_cleared IS NOT NULL)::INTEGER AS clearance_cause,
    CASE WHEN relapse_end >= relapse THEN relapse_end - relapse END AS relapse_time, relapse_event::INTEGER AS relapse_cause,
    CASE WHEN second_end >= again THEN second_end - again END AS second_time,
    CASE WHEN second_relapse = second_end THEN 1 WHEN died_again = second_end THEN 2 ELSE 0 END AS second_cause
FROM days
