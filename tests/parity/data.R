# The data of all references: public trials, prepared exactly as in reference_data.py, and made-up ties and edges, which
# are written to reference.json with their results. Sourced by the scripts beside it.

suppressPackageStartupMessages({
  library(survival)
  library(cmprsk)
  library(jsonlite)
})

patients <- function(time, outcome, group, stratum) {
  data.frame(time = time, outcome = outcome, group = as.character(group), stratum = as.character(stratum))
}

public_data <- function() {
  death <- colon[colon$etype == 2, ]
  death <- death[order(death$id), ]
  recurrence <- colon[colon$etype == 1, ]
  recurrence <- recurrence[order(recurrence$id), ]
  list(
    colon_death = patients(death$time, death$status, death$rx, death$sex),
    colon_recurrence = patients(recurrence$time, recurrence$status, recurrence$rx, recurrence$sex),
    colon_competing = patients(
      recurrence$time, ifelse(recurrence$status == 1, 1, 2 * death$status), death$rx, death$sex
    ),
    lung = patients(lung$time, lung$status - 1, lung$sex, lung$age >= 65),
    veteran = patients(veteran$time, veteran$status, veteran$celltype, veteran$trt),
    ovarian = patients(ovarian$futime, ovarian$fustat, ovarian$rx, ovarian$resid.ds),
    gbsg = patients(gbsg$rfstime, gbsg$status, gbsg$hormon, gbsg$meno),
    mgus2 = patients(
      ifelse(mgus2$pstat == 1, mgus2$ptime, mgus2$futime), ifelse(mgus2$pstat == 1, 1, 2 * mgus2$death),
      mgus2$sex, mgus2$age >= 70
    ),
    rotterdam = patients(
      pmin(rotterdam$rtime, rotterdam$dtime), ifelse(rotterdam$recur == 1, 1, 2 * rotterdam$death),
      as.integer(rotterdam$size), rotterdam$meno
    )
  )
}

made_up_data <- function() {
  set.seed(20)
  list(
    # Every day has several events, competing events and censorings in every group.
    tied = patients(sample(1:8, 240, TRUE), sample(0:2, 240, TRUE, c(3, 4, 3)), rep(c("a", "b", "c"), 80),
                    sample(1:2, 240, TRUE)),
    # Survival runs exactly at one half: in "a" between events, in "b" from the last event on.
    plateau = patients(c(1:18, 25, rep(30, 17), 1:4, rep(9, 4)), c(rep(1, 19), rep(0, 17), rep(1, 4), rep(0, 4)),
                       rep(c("a", "b"), c(36, 8)), 1),
    # Events on the day of origin, and nobody censored at the end.
    day_0 = patients(c(0, 0, 1, 3, 3, 7, 0, 2, 2, 5, 6, 6), c(1, 0, 1, 1, 2, 1, 2, 1, 1, 0, 1, 1),
                     rep(c("a", "b"), each = 6), 1),
    # One patient at risk at the end of each group.
    small = patients(c(2, 3, 5, 5, 8, 9, 1, 4, 5, 7, 10, 12), c(1, 0, 2, 1, 1, 0, 0, 1, 1, 2, 1, 1),
                     rep(c("a", "b"), each = 6), rep(1:2, 6))
  )
}

made_with <- function() {
  list(
    R = paste(R.version$major, R.version$minor, sep = "."),
    survival = as.character(packageVersion("survival")), cmprsk = as.character(packageVersion("cmprsk"))
  )
}

write_json <- function(content) {
  cat(toJSON(content, dataframe = "columns", auto_unbox = TRUE, digits = NA, na = "null", pretty = TRUE), "\n")
}

# What `course` makes of days of recurrence (or none), last days, and whether patients died then.
courses <- function(course) {
  death <- colon[colon$etype == 2, ]
  death <- death[order(death$id), ]
  recurrence <- colon[colon$etype == 1, ]
  recurrence <- recurrence[order(recurrence$id), ]
  list(
    rotterdam = course(ifelse(rotterdam$recur == 1, rotterdam$rtime, NA), rotterdam$dtime, rotterdam$death),
    colon = course(ifelse(recurrence$status == 1, recurrence$time, NA), death$time, death$status),
    tied = with(made_up_data()$tied, course(ifelse(seq_along(time) %% 2 == 0, pmin(time, 3), NA), time, 1 * (outcome == 1)))
  )
}
