-- One row a patient: what will happen to whom, and when. `draw(i, what)` is uniform on [0, 1) and belongs to one question.
WITH person AS (
    SELECT
        i,
        'P' || lpad(i::VARCHAR, 9, '0') AS patient,
        DATE '2004-01-05' + (draw(i, 'enters') * 4000)::INTEGER AS enters,
        -- The sum of three uniforms is close enough to a normal distribution: mean 62, standard deviation 10 years.
        62 + 20 * (draw(i, 'age 1') + draw(i, 'age 2') + draw(i, 'age 3') - 1.5) AS age,
        draw(i, 'arrival') >= 0.007 AS is_registered,
        draw(i, 'radiotherapy') < 0.94 AS is_irradiated,
        CASE WHEN draw(i, 'liver') < 0.85 THEN 1 + (-2.2 * ln(1 - draw(i, 'liver lesions')))::INTEGER ELSE 0 END AS liver,
        CASE WHEN draw(i, 'lung') < 0.17 THEN 1 + (-0.8 * ln(1 - draw(i, 'lung lesions')))::INTEGER ELSE 0 END AS lung,
        CASE WHEN draw(i, 'cycles') < 0.05 THEN 0 WHEN draw(i, 'cycles') < 0.15 THEN 1
             WHEN draw(i, 'cycles') < 0.30 THEN 2 WHEN draw(i, 'cycles') < 0.40 THEN 3
             WHEN draw(i, 'cycles') < 0.52 THEN 4 WHEN draw(i, 'cycles') < 0.60 THEN 5 ELSE 6 END AS cycles
    FROM range({first}, {last}) AS numbers(i)
), treatment AS (
    SELECT
        *,
        enters - 20 - (draw(i, 'diagnosed') * 40)::INTEGER AS diagnosed,
        CASE WHEN is_irradiated THEN enters + 7 + (draw(i, 'waits') * 21)::INTEGER END AS rt,
        CASE WHEN draw(i, 'weekend') < 0.3 THEN 4 ELSE 6 END AS rt_days,
        enters + 20 + 12 + (draw(i, 'to chemotherapy') * draw(i, 'to chemotherapy 2') * 41)::INTEGER AS first_cycle
    FROM person
), operation AS (
    SELECT
        *,
        first_cycle + greatest(cycles - 1, 0) * 23 + 42 + (draw(i, 'to surgery') * 15)::INTEGER AS operated,
        draw(i, 'primary resected') < 0.86 AS rectum_resected,
        liver > 0 AND draw(i, 'liver resected') < 0.84 AS liver_resected,
        lung > 0 AND draw(i, 'lung resected') < 0.80 AS lung_resected,
        CASE WHEN draw(i, 'session') < 0.62 THEN 0 WHEN draw(i, 'session') < 0.87 THEN 35 ELSE -35 END
            + CASE WHEN draw(i, 'session') < 0.62 THEN 0 ELSE (draw(i, 'session days') * 20)::INTEGER END AS liver_shift,
        40 + (draw(i, 'lung shift') * 50)::INTEGER AS lung_shift,
        CASE WHEN draw(i, 'grade') < 0.25 THEN 1 WHEN draw(i, 'grade') < 0.41 THEN 2 WHEN draw(i, 'grade') < 0.74 THEN 3
             WHEN draw(i, 'grade') < 0.93 THEN 4 ELSE 5 END AS grade
    FROM treatment
), clearance AS (
    SELECT
        *,
        greatest(
            CASE WHEN rectum_resected THEN operated END,
            CASE WHEN liver_resected THEN operated + liver_shift END,
            CASE WHEN lung_resected THEN operated + lung_shift END
        ) AS cleared
    FROM operation
), outcome AS (
    SELECT
        *,
        -- Recurrence: a quarter never, else exponential, later after a complete response.
        CASE
            WHEN cleared IS NOT NULL AND draw(i, 'recurs') < 0.76
            THEN cleared + 14 + (-ln(1 - draw(i, 'recurrence')) * CASE WHEN grade = 1 THEN 620 ELSE 280 END)::INTEGER
        END AS relapse,
        CASE
            WHEN cleared IS NULL OR draw(i, 'progresses') < 0.05
            THEN operated + (-ln(1 - draw(i, 'progression')) * 240)::INTEGER
        END AS progressed,
        enters + 900 + (draw(i, 'closed') * 2700)::INTEGER AS closed
    FROM clearance
), death AS (
    SELECT
        *,
        least(
            coalesce(relapse, progressed, DATE '2100-01-01')
                + CASE WHEN draw(i, 'same day') < 0.004 THEN 0 ELSE 20 + (-ln(1 - draw(i, 'death')) * 900)::INTEGER END,
            enters + 30 + (-ln(1 - draw(i, 'other death')) * 7500)::INTEGER
        ) AS dies
    FROM outcome
), seen AS (
    SELECT
        *,
        least(dies, closed) AS ends,
        dies <= closed AS is_dead,
        -- The first visits are close to each other, and few patients come to all of them.
        1 + (draw(i, 'visits') * 8)::INTEGER AS visits,
        90 + (draw(i, 'interval') * 130)::INTEGER AS interval_days
    FROM death
)
SELECT
    *,
    relapse IS NOT NULL AND relapse <= ends AS is_relapsed,
    CASE WHEN relapse <= ends AND draw(i, 'treated') < 0.75
         THEN least(relapse + 8 + (draw(i, 'to treatment') * 50)::INTEGER, ends) END AS treated,
    CASE WHEN relapse <= ends AND draw(i, 'recurs again') < 0.45
         THEN relapse + 120 + (-ln(1 - draw(i, 'second recurrence')) * 300)::INTEGER END AS second_relapse
FROM seen
