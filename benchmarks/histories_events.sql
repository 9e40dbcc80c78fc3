-- The events of the profiles, a row each, patient by patient. A column that an event does not name is missing.
WITH told AS (
    SELECT i, patient, 'registration' AS event, enters AS start,
        CASE WHEN draw(i, 'sex') < 0.006 THEN NULL WHEN draw(i, 'sex') < 0.46 THEN 'female' ELSE 'male' END AS sex,
        CASE WHEN draw(i, 'birth') >= 0.01 THEN enters - (age * 365.25)::INTEGER END AS birth_date,
        'C' || lpad((1 + (draw(i, 'centre') * draw(i, 'centre 2') * 40)::INTEGER)::VARCHAR, 2, '0') AS centre
    FROM profile WHERE is_registered
    UNION ALL BY NAME
    SELECT i, patient, 'diagnosis' AS event, diagnosed AS start,
        CASE WHEN draw(i, 'primary') < 0.97 THEN 'rectum' ELSE 'colon' END AS site,
        CASE WHEN draw(i, 'histology') < 0.93 THEN 'adenocarcinoma' WHEN draw(i, 'histology') < 0.97
             THEN 'mucinous_adenocarcinoma' END AS histology,
        CASE WHEN draw(i, 'confirmed') < 0.98 THEN 'histology' ELSE 'imaging' END AS confirmed,
        CASE WHEN draw(i, 't') < 0.08 THEN 'T2' WHEN draw(i, 't') < 0.80 THEN 'T3' WHEN draw(i, 't') < 0.96 THEN 'T4' END
            AS t_category,
        CASE WHEN draw(i, 'n') < 0.15 THEN 'N0' WHEN draw(i, 'n') < 0.62 THEN 'N1' WHEN draw(i, 'n') < 0.94 THEN 'N2'
             WHEN draw(i, 'n') < 0.97 THEN 'NX' END AS n_category,
        'M1' AS m_category
    FROM profile
    UNION ALL BY NAME
    SELECT i, patient, 'imaging' AS event, diagnosed + 4 AS start,
        CASE WHEN draw(i, 'first scan') < 0.985 THEN 'CT' END AS modality
    FROM profile
    UNION ALL BY NAME
    SELECT i, patient, 'metastasis' AS event, diagnosed + 4 AS start, 'liver' AS site,
        CASE WHEN draw(i, 'liver counted') < 0.97 THEN liver END AS lesions
    FROM profile WHERE liver > 0
    UNION ALL BY NAME
    SELECT i, patient, 'metastasis' AS event, diagnosed + 4 AS start, 'lung' AS site,
        CASE WHEN draw(i, 'lung counted') < 0.97 THEN lung END AS lesions
    FROM profile WHERE lung > 0
    UNION ALL BY NAME
    SELECT i, patient, 'metastasis' AS event, diagnosed + 9 AS start,
        CASE WHEN draw(i, 'elsewhere') < 0.03 THEN 'lymph_nodes' ELSE 'peritoneum' END AS site, 1 AS lesions
    FROM profile WHERE draw(i, 'elsewhere') < 0.05
    UNION ALL BY NAME
    SELECT i, patient, 'radiotherapy' AS event, rt AS start, CASE WHEN draw(i, 'rt ends') >= 0.02 THEN rt + rt_days END AS "end",
        'primary' AS target, CASE WHEN draw(i, 'fractions') < 0.97 THEN 5 WHEN draw(i, 'fractions') < 0.99 THEN 4 END AS fractions,
        25.0::DOUBLE AS dose, 5 AS planned
    FROM profile WHERE rt IS NOT NULL AND rt <= ends
    UNION ALL BY NAME
    SELECT i, patient, 'radiotherapy' AS event, relapse + 30 AS start, relapse + 30 + 11 AS "end",
        'bone' AS target, 10 AS fractions, 30.0::DOUBLE AS dose, 10 AS planned
    FROM profile WHERE relapse + 41 <= ends AND draw(i, 'palliation') < 0.05
    UNION ALL BY NAME
    SELECT i, patient, 'chemotherapy' AS event, first_cycle + (cycle - 1)::INTEGER * 21
            + CASE WHEN draw(i, 'delay ' || cycle) < 0.35 THEN (draw(i, 'delay days ' || cycle) * 9)::INTEGER ELSE 0 END AS start,
        'CapeOx-bevacizumab' AS regimen, cycle::INTEGER AS cycle,
        CASE WHEN draw(i, 'dose ' || cycle) < 0.85 THEN 130.0 WHEN draw(i, 'dose ' || cycle) < 0.97 THEN 100.0 END::DOUBLE AS oxaliplatin,
        1000.0::DOUBLE AS capecitabine, 7.5::DOUBLE AS bevacizumab
    FROM profile, range(1, 7) AS numbers(cycle) WHERE cycle <= cycles AND first_cycle + cycle::INTEGER * 30 <= ends
    UNION ALL BY NAME
    SELECT i, patient, 'imaging' AS event, first_cycle + 21 + 10 + (draw(i, 'evaluation') * 12)::INTEGER AS start,
        'CT' AS modality,
        CASE WHEN draw(i, 'response') < 0.45 THEN 'partial' WHEN draw(i, 'response') < 0.84 THEN 'stable'
             WHEN draw(i, 'response') < 0.90 THEN 'complete' WHEN draw(i, 'response') < 0.96 THEN 'progressive' END AS response
    FROM profile WHERE cycles >= 2 AND first_cycle + 44 <= ends
    UNION ALL BY NAME
    SELECT i, patient, 'imaging' AS event, operated - 20 AS start, modality,
        CASE WHEN draw(i, 'last response ' || modality) < 0.5 THEN 'partial'
             WHEN draw(i, 'last response ' || modality) < 0.93 THEN 'stable' END AS response
    FROM profile, (VALUES ('CT'), ('MRI')) AS modalities(modality)
    WHERE operated <= ends AND draw(i, 'last ' || modality) < 0.6
    UNION ALL BY NAME
    SELECT i, patient, 'surgery' AS event, operated AS start,
        'rectum' AS site, CASE WHEN draw(i, 'intent') < 0.965 THEN 'curative' WHEN draw(i, 'intent') < 0.99 THEN 'palliative' END AS intent,
        'resection' AS "procedure",
        CASE WHEN draw(i, 'margin') < 0.88 THEN 'R0' WHEN draw(i, 'margin') < 0.96 THEN 'R1' WHEN draw(i, 'margin') < 0.97 THEN 'R2' END AS r_status
    FROM profile WHERE rectum_resected AND operated <= ends
    UNION ALL BY NAME
    SELECT i, patient, 'pathology' AS event, operated AS start,
        'rectum' AS site, CASE WHEN draw(i, 'graded') < 0.95 THEN grade::VARCHAR END AS trg,
        CASE grade WHEN 1 THEN 'T0' WHEN 2 THEN 'T2' ELSE 'T3' END AS ypt,
        CASE WHEN draw(i, 'ypn') < 0.5 THEN 'N0' ELSE 'N1' END AS ypn
    FROM profile WHERE rectum_resected AND operated <= ends
    UNION ALL BY NAME
    SELECT i, patient, 'surgery' AS event, operated + liver_shift AS start,
        'liver' AS site, 'curative' AS intent, CASE WHEN draw(i, 'ablated') < 0.2 THEN 'ablation' ELSE 'resection' END AS "procedure",
        CASE WHEN draw(i, 'liver margin') < 0.93 THEN 'R0' WHEN draw(i, 'liver margin') < 0.98 THEN 'R1' END AS r_status
    FROM profile WHERE liver_resected AND operated + liver_shift <= ends
    UNION ALL BY NAME
    SELECT i, patient, 'surgery' AS event, operated + lung_shift AS start,
        'lung' AS site, 'curative' AS intent, 'resection' AS "procedure",
        CASE WHEN draw(i, 'lung margin') < 0.95 THEN 'R0' ELSE 'R1' END AS r_status
    FROM profile WHERE lung_resected AND operated + lung_shift <= ends
    UNION ALL BY NAME
    SELECT i, patient, 'end_of_treatment' AS event, least(operated + 14, ends) AS start,
        CASE WHEN draw(i, 'why') < 0.8 THEN 'completed' WHEN draw(i, 'why') < 0.9 THEN 'irresectable' ELSE 'progression' END AS reason_ended
    FROM profile WHERE draw(i, 'treatment ended') < 0.9
    UNION ALL BY NAME
    SELECT i, patient, 'follow_up' AS event, least(operated + visit::INTEGER * interval_days, ends) AS start,
        CASE WHEN draw(i, 'disease ' || visit) < 0.03 THEN NULL WHEN draw(i, 'disease ' || visit) < 0.06 THEN 'unknown'
             WHEN coalesce(relapse, progressed) <= operated + visit::INTEGER * interval_days THEN 'present' ELSE 'none' END AS disease
    FROM profile, range(1, 10) AS numbers(visit)
    WHERE visit <= visits AND operated + (visit - 1)::INTEGER * interval_days < ends AND draw(i, 'comes ' || visit) < 0.9
    UNION ALL BY NAME
    SELECT i, patient, 'recurrence' AS event, relapse AS start,
        ['liver', 'lung', 'lymph_nodes', 'rectum', 'peritoneum', 'bone'][1 + least((draw(i, 'recurs in') * draw(i, 'recurs in 2') * 8)::INTEGER, 5)] AS site,
        CASE WHEN draw(i, 'found') < 0.93 THEN 1 + (draw(i, 'how many') * draw(i, 'how many') * 5)::INTEGER END AS lesions,
        CASE WHEN draw(i, 'found by') < 0.7 THEN 'CT' ELSE 'PET_CT' END AS found_by
    FROM profile WHERE is_relapsed
    UNION ALL BY NAME
    SELECT i, patient, 'recurrence' AS event, relapse AS start,
        CASE WHEN draw(i, 'also in') < 0.2 THEN 'lung' ELSE 'bone' END AS site,
        1 AS lesions, 'CT' AS found_by
    FROM profile WHERE is_relapsed AND draw(i, 'also in') < 0.25
    UNION ALL BY NAME
    SELECT i, patient, 'recurrence_treatment' AS event, treated AS start,
        CASE WHEN draw(i, 'treated by') < 0.4 THEN 'surgery' WHEN draw(i, 'treated by') < 0.5 THEN 'RFA'
             WHEN draw(i, 'treated by') < 0.6 THEN 'stereotactic_radiotherapy' ELSE 'chemotherapy' END AS modality,
        'liver' AS site,
        CASE WHEN draw(i, 'residual') < 0.03 THEN NULL WHEN draw(i, 'residual') < 0.6 THEN 'none' ELSE 'present' END AS residual
    FROM profile WHERE treated IS NOT NULL
    UNION ALL BY NAME
    SELECT i, patient, 'recurrence' AS event, second_relapse AS start,
        CASE WHEN draw(i, 'second in') < 0.6 THEN 'lung' ELSE 'liver' END AS site, 1 AS lesions, 'CT' AS found_by
    FROM profile WHERE second_relapse <= ends
    UNION ALL BY NAME
    SELECT i, patient, 'progression' AS event, progressed AS start, 'liver' AS site, 'CT' AS found_by
    FROM profile WHERE progressed <= ends
    UNION ALL BY NAME
    SELECT i, patient, 'death' AS event, dies AS start,
        CASE WHEN draw(i, 'cause') < 0.1 THEN 'unknown' WHEN coalesce(relapse, progressed) <= dies THEN 'cancer' ELSE 'other' END AS cause
    FROM profile WHERE is_dead
    UNION ALL BY NAME
    SELECT i, patient, 'close_out' AS event, closed AS start FROM profile WHERE draw(i, 'closes') < 0.98
)
-- The whole order is said, so that who comes first on a day never depends on how the query was run.
SELECT * EXCLUDE (i) FROM told ORDER BY i, start, event <> 'registration', event, site, modality
