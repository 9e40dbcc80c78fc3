# R with data.table and survival, on one CSV file an event type, sorted by patient, start and order of recording.
#
#     Rscript study.R W1|W2|W4 CSV_FOLDER OUT
#
# Writes the tables as CSV, and last a line of JSON with wall and processor time of reading and computing.

suppressMessages({
  library(data.table)
  library(survival)
})
given <- commandArgs(trailingOnly = TRUE)
folder <- given[2]
setDTthreads(2)

read <- function(event, columns = character()) {
  found <- fread(file.path(folder, paste0(event, ".csv")), select = c("patient", columns), na.strings = "")
  for (name in intersect(columns, c("start", "end", "birth_date"))) set(found, j = name, value = as.IDate(found[[name]]))
  if ("end" %in% columns) found[, last := fifelse(is.na(end), start, end)]
  found[]
}
first <- function(events) unique(events, by = "patient")
last <- function(events) unique(events, by = "patient", fromLast = TRUE)
# The value of a column of `from` for each patient of `rows`.
beside <- function(rows, from, column) from[[column]][match(rows$patient, from$patient)]
latest <- function(events) events[, .(seen = max(last)), by = patient]

# True where an event surely meets a condition, NA where one perhaps does: a condition that is NA is unknown.
is_any <- function(patients, events, condition) {
  found <- fifelse(patients %in% events$patient[which(is.na(condition))], NA, FALSE)
  found[patients %in% events$patient[which(condition)]] <- TRUE
  found
}

endpoint <- function(rows, origin, ends, causes, reasons, seen) {
  ended <- do.call(pmin, c(ends, na.rm = TRUE))
  end <- fifelse(is.na(ended), seen, ended)
  cause <- rep(0L, length(end))
  reason <- rep("end of follow-up", length(end))
  for (k in rev(seq_along(ends))) {
    here <- which(ends[[k]] == ended)
    cause[here] <- causes[k]
    reason[here] <- reasons[k]
  }
  counted <- !is.na(end) & end >= origin
  data.table(
    patient = rows, origin, end = fifelse(counted, end, as.IDate(NA)),
    time = fifelse(counted, as.integer(end - origin), NA_integer_), cause = fifelse(counted, cause, NA_integer_),
    reason = fifelse(counted, reason, NA_character_),
    excluded = fcase(is.na(end), "no follow-up", end < origin, "end before origin")
  )
}

w1 <- function() {
  p <- first(read("radiotherapy", "start"))[patient %in% read("registration")$patient]
  deaths <- read("death", "start")
  died <- first(deaths[start >= beside(deaths, p, "start")])
  seen <- latest(read("follow_up", c("start", "end")))
  list(rows = endpoint(p$patient, p$start, list(beside(p, died, "start")), 1L, "death", beside(p, seen, "seen")))
}

w2 <- function() {
  p <- last(read("surgery", c("start", "end", "intent"))[intent == "curative"])
  after <- function(event) {
    events <- read(event, "start")
    beside(p, first(events[start > beside(events, p, "last")]), "start")
  }
  deaths <- read("death", "start")
  died <- first(deaths[start >= beside(deaths, p, "start")])
  seen <- latest(read("follow_up", c("start", "end")))
  ends <- list(after("recurrence"), after("progression"), beside(p, died, "start"))
  reasons <- c("recurrence", "progression", "died without recurrence")
  list(rows = endpoint(p$patient, p$start, ends, c(1L, 1L, 0L), reasons, beside(p, seen, "seen")))
}

years <- function(born, today) {
  done <- year(today) - year(born)
  leap <- (year(today) %% 4 == 0 & year(today) %% 100 != 0) | year(today) %% 400 == 0
  day <- fifelse(month(born) == 2 & mday(born) == 29 & !leap, 28L, mday(born))
  done - (month(today) < month(born) | (month(today) == month(born) & mday(today) < day))
}

patients <- function() {
  p <- read("patients")
  rt <- first(read("radiotherapy", c("start", "end")))
  cycles <- read("chemotherapy", "start")
  surgery <- read("surgery", c("start", "end", "site", "intent", "r_status"))
  cleared <- last(surgery[intent == "curative"])
  registration <- read("registration", c("start", "end", "sex", "birth_date"))
  entered <- first(registration)
  born <- first(registration[!is.na(birth_date)])
  p[, `:=`(
    rt = beside(p, rt, "start"), rt_end = beside(p, rt, "end"), rt_last = beside(p, rt, "last"),
    first_cycle = beside(p, first(cycles), "start"), cycles = beside(p, cycles[, .N, by = patient], "N"),
    cleared = beside(p, cleared, "start"), cleared_last = beside(p, cleared, "last"),
    entered = beside(p, entered, "start"), entered_last = beside(p, entered, "last"), sex = beside(p, entered, "sex"),
    born = beside(p, born, "birth_date"), seen = beside(p, latest(read("follow_up", c("start", "end"))), "seen")
  )]
  some <- function(condition) is_any(p$patient, surgery, condition)
  curative <- surgery$intent == "curative"
  found <- read("recurrence", c("start", "end", "site"))
  found <- found[start > beside(found, p, "cleared_last")]
  relapse <- first(found)
  later <- found$start > beside(found, relapse, "last")
  on_relapse <- found[!later]
  p[, `:=`(relapse = beside(p, relapse, "start"), next_relapse = beside(p, first(found[later]), "start"))]
  treated <- read("recurrence_treatment", c("start", "end", "residual"))
  until <- beside(treated, p, "next_relapse")
  again <- first(treated[residual == "none" & start >= beside(treated, p, "relapse") & (is.na(until) | start < until)])
  p[, again := beside(p, again, "start")]
  second <- first(found[start > beside(found, again, "last")])
  progressions <- read("progression", "start")
  progressed <- first(progressions[start > beside(progressions, p, "cleared_last")])
  diagnoses <- read("diagnosis", c("start", "site", "histology", "confirmed", "t_category", "n_category"))
  tumour <- first(diagnoses[site == "rectum"])
  t <- beside(p, tumour, "t_category")
  n <- beside(p, tumour, "n_category")
  metastases <- read("metastasis", c("start", "site", "lesions"))
  on_time <- metastases$start <= beside(metastases, p, "rt_last")
  lesions <- function(where) {
    counted <- metastases[which(on_time & site == where), .(n = sum(lesions, na.rm = TRUE)), by = patient]
    fcoalesce(beside(p, counted, "n"), 0L)
  }
  liver <- lesions("liver")
  lung <- lesions("lung")
  grades <- read("pathology", c("start", "site", "trg"))
  grades <- grades[which(site == "rectum" & start <= beside(grades, p, "cleared_last"))]
  deaths <- read("death", "start")
  died <- function(origin) beside(p, first(deaths[start >= beside(deaths, p, origin)]), "start")
  closed <- read("close_out", c("start", "end"))
  adenocarcinoma <- with(
    diagnoses,
    start <= beside(diagnoses, p, "entered_last") & site == "rectum" & histology == "adenocarcinoma" & confirmed == "histology"
  )
  p[, `:=`(
    treated = !is.na(rt), registered = !is.na(entered),
    adenocarcinoma = is_any(patient, diagnoses, adenocarcinoma),
    metastatic = is_any(patient, metastases, on_time & metastases$site %in% c("liver", "lung")),
    adult = years(born, entered) >= 18,
    primary_resected = some(surgery$site == "rectum" & curative),
    liver_treated = liver == 0 | some(surgery$site == "liver" & curative),
    lung_treated = lung == 0 | some(surgery$site == "lung" & curative),
    free_margins = some(curative) & !some(curative & surgery$r_status != "R0"),
    resected = some(surgery$site == "rectum"), operated = patient %in% surgery$patient,
    six_cycles = fcoalesce(cycles, 0L) == 6, relapsed = !is.na(relapse),
    distant = is_any(patient, on_relapse, on_relapse$site != "rectum"),
    cleared_again = !is.na(again), alive = !patient %in% deaths$patient,
    pcr = beside(p, first(grades), "trg") == 1,
    age = years(born, rt), rt_to_ct = as.integer(first_cycle - rt_end),
    sites = fcase(liver > 0 & lung > 0, "lung and liver", liver > 0, "liver", lung > 0, "lung"),
    stage = fcase(
      t == "T2" & n == "N0", "T2N0", t == "T2" & n == "N1", "T2N1", t == "T3" & n == "N0", "T3N0",
      t == "T3" & n %in% c("N1", "N2"), "T3N1-2", t == "T4" & n == "N0", "T4N0", t == "T4" & n %in% c("N1", "N2"), "T4N1-2"
    ),
    event = pmin(relapse, beside(p, progressed, "start"), na.rm = TRUE), second = beside(p, second, "start"),
    died = died("rt"), died_cleared = died("cleared"), died_relapsed = died("relapse"), died_again = died("again"),
    closed = beside(p, first(closed[start >= beside(closed, p, "rt")]), "start"),
    closed_seen = beside(p, latest(closed), "seen")
  )]
  p
}

cohorts <- list(
  enrolled = c(NA, "treated", "registered"), eligible = c("enrolled", "adenocarcinoma", "metastatic", "adult"),
  all_sites = c("enrolled", "primary_resected", "liver_treated", "lung_treated"), radical = c("all_sites", "free_margins"),
  resected = c("enrolled", "resected"), operated = c("enrolled", "operated"), six_cycles = c("operated", "six_cycles"),
  relapsed = c("radical", "relapsed"), relapsed_distant = c("relapsed", "distant"),
  cleared_distant = c("relapsed_distant", "cleared_again"), survivors = c("enrolled", "alive")
)

w4 <- function() {
  p <- patients()
  members <- list()
  attrition <- list()
  for (name in names(cohorts)) {
    steps <- lapply(cohorts[[name]][-1], function(column) p[[column]])
    if (!is.na(cohorts[[name]][1])) steps <- c(list(members[[cohorts[[name]][1]]]), steps)
    inside <- rep(TRUE, nrow(p))
    for (k in seq_along(steps)) {
      met <- steps[[k]] %in% TRUE
      lost <- inside & !met
      inside <- inside & met
      row <- data.table(cohort = name, step = k, remaining = sum(inside), fell = sum(lost), unknown = sum(lost & is.na(steps[[k]])))
      attrition <- c(attrition, list(row))
    }
    members[[name]] <- inside
  }
  list(attrition = rbindlist(attrition), figures = rbindlist(c(table_1(p[members$enrolled]), estimates(p, members))))
}

figure <- function(name, value) list(data.table(name, value = as.numeric(value)))

table_1 <- function(enrolled) {
  found <- figure("table: n", nrow(enrolled))
  for (label in c("age", "radiotherapy to chemotherapy")) {
    x <- enrolled[[if (label == "age") "age" else "rt_to_ct"]]
    known <- x[!is.na(x)]
    q <- quantile(known, c(0, 0.25, 0.5, 0.75, 1))
    parts <- c("known", "missing", "mean", "sd", "min", "q1", "median", "q3", "max")
    found <- c(found, figure(sprintf("table, %s: %s", label, parts), c(length(known), sum(is.na(x)), mean(known), sd(known), q)))
  }
  for (column in c("sex", "stage", "sites")) {
    counted <- enrolled[, .N, by = column]
    found <- c(found, figure(sprintf("table, %s: %s", column, fcoalesce(counted[[column]], "missing")), counted$N))
  }
  found
}

estimates <- function(p, members) {
  row <- function(origin, ends, seen) {
    found <- endpoint(p$patient, p[[origin]], lapply(ends, function(end) p[[end]]), 1:2, c("", ""), p[[seen]])
    found[, .(time, cause)]
  }
  times <- list(
    os = row("rt", "died", "seen"), rfs = row("cleared", c("event", "died_cleared"), "seen"),
    followed = row("rt", "closed", "closed_seen"), clearance = row("cleared", "died_cleared", "seen"),
    relapse = row("relapse", "died_relapsed", "seen"), second = row("again", c("second", "died_again"), "seen")
  )
  year <- 365.25
  chosen <- function(time, cohort) which(members[[cohort]] & !is.na(times[[time]]$time))
  curve <- function(name, time, rows, at = numeric()) {
    data <- times[[time]][rows]
    fit <- survfit(Surv(time, cause == 1) ~ 1, data, conf.type = "none", se.fit = FALSE)
    parts <- c("n", "events", "median", sprintf("at %g days", at))
    survival <- if (length(at)) summary(fit, times = at, extend = TRUE)$surv
    figure(sprintf("%s: %s", name, parts), c(nrow(data), sum(data$cause == 1), fit$time[fit$surv <= 0.5][1], survival))
  }
  compare <- function(name, time, cohort, by, at = numeric()) {
    rows <- chosen(time, cohort)
    group <- if (by == "pcr") p$pcr[rows] else members[[by]][rows]
    test <- survdiff(Surv(time, cause == 1) ~ group, cbind(times[[time]][rows], group))
    c(
      curve(paste0(name, ", ", by), time, rows[which(group)], at), curve(paste0(name, ", not ", by), time, rows[which(!group)], at),
      figure(paste0(name, ": ", c("chi-square", "p")), c(test$chisq, pchisq(test$chisq, 1, lower.tail = FALSE)))
    )
  }
  incidence <- function(name, time, cohort, causes, at) {
    rows <- chosen(time, cohort)
    data <- times[[time]][rows]
    fit <- survfit(Surv(time, factor(cause, 0:2)) ~ 1, data, conf.type = "none", se.fit = FALSE)
    found <- figure(paste0(name, ": n"), nrow(data))
    for (k in 1:2) {
      share <- stepfun(fit$time, c(0, fit$pstate[, k + 1]))(at)
      parts <- c("events", sprintf("at %g days", at))
      found <- c(found, figure(sprintf("%s, %s: %s", name, causes[k], parts), c(sum(data$cause == k), share)))
    }
    found
  }
  c(
    curve("os in enrolled", "os", chosen("os", "enrolled"), c(2, 5) * year),
    compare("os in enrolled by radical", "os", "enrolled", "radical", c(2, 5) * year),
    curve("rfs in all_sites", "rfs", chosen("rfs", "all_sites"), c(1, 2, 5) * year),
    compare("rfs in all_sites by pcr", "rfs", "all_sites", "pcr"),
    curve("followed in enrolled", "followed", chosen("followed", "enrolled")),
    curve("os_from_clearance in radical", "clearance", chosen("clearance", "radical"), c(1, 2, 5) * year),
    curve("os_from_relapse in relapsed", "relapse", chosen("relapse", "relapsed"), c(1, 2) * year),
    incidence(
      "relapse_or_death in all_sites", "rfs", "all_sites", c("recurrence or progression", "death without recurrence"),
      c(1, 2, 5) * year
    ),
    incidence(
      "second_relapse in cleared_distant", "second", "cleared_distant",
      c("second recurrence", "death without a second recurrence"), c(1, 2) * year
    )
  )
}

before <- proc.time()
found <- list(W1 = w1, W2 = w2, W4 = w4)[[given[1]]]()
spent <- proc.time() - before
for (name in names(found)) fwrite(found[[name]], file.path(given[3], paste0(name, ".csv")))
cat(sprintf('{"seconds": %f, "processor": %f}\n', spent["elapsed"], spent["user.self"] + spent["sys.self"]))
