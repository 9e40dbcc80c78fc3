# Makes states.json, the standard errors that shares in states are held to. From this folder:
#
#     Rscript states.R > states.json
#
# `etm` has the covariance of Aalen and Johansen's estimate by Greenwood's formula, as the package has. `survfit` has the
# infinitesimal jackknife over patients, which is the same where each patient moves once at most, and close to it else.

source("data.R")
suppressPackageStartupMessages(library(etm))

spread <- function(n, most = 40) unique(round(seq(1, n, length.out = min(n, most))))

# The moves of single patients; on a shared day recurrence gives way to death.
moves <- function(first, time, dead) {
  at_once <- is.na(first) | (first == time & dead == 1)
  id <- seq_along(time)
  rows <- rbind(
    data.frame(id = id, start = 0, stop = ifelse(at_once, time, first), from = 0, to = ifelse(at_once, 2 * dead, 1)),
    data.frame(id = id, start = first, stop = time, from = 1, to = 2 * dead)[!at_once & first < time, ]
  )
  rows[order(rows$id, rows$start), ]
}

course <- function(first, time, dead) {
  rows <- moves(first, time, dead)
  every <- survfit(Surv(start, stop, factor(to, 0:2)) ~ 1, rows, id = id)
  possible <- matrix(c(FALSE, TRUE, TRUE, FALSE, FALSE, TRUE, FALSE, FALSE, FALSE), 3, byrow = TRUE)
  # A stay that is censored in state 1 has `to` 0, as one in state 0: etm knows both by the name of censoring.
  told <- data.frame(
    id = rows$id, from = as.character(rows$from), to = ifelse(rows$to == 0, "cens", as.character(rows$to)),
    entry = rows$start, exit = rows$stop
  )
  found <- etm(told, c("0", "1", "2"), possible, "cens", s = 0, covariance = TRUE)
  at <- spread(length(found$time))
  each <- lapply(c("0 0", "0 1", "0 2"), function(name) list(
    share = trprob(found, name, found$time[at]), standard_error = sqrt(pmax(trcov(found, name, found$time[at]), 0))
  ))
  jackknife <- summary(every, times = found$time[at])
  list(
    time = found$time[at], share = sapply(each, `[[`, "share"),
    standard_error = sapply(each, `[[`, "standard_error"),
    jackknife = jackknife$std.err[, match(c("(s0)", "1", "2"), every$states)]
  )
}

# Limits on the three scales, of patients who move once at most: here the jackknife is Greenwood's formula.
limits <- function(data) {
  lapply(c("log-log" = "log-log", log = "log", plain = "plain"), function(scale) {
    fit <- survfit(Surv(time, factor(outcome, 0:2)) ~ 1, data, conf.type = scale)
    at <- spread(length(fit$time))
    order <- match(c("(s0)", "1", "2"), fit$states)
    list(
      time = fit$time[at], share = fit$pstate[at, order], standard_error = fit$std.err[at, order],
      lower = fit$lower[at, order], upper = fit$upper[at, order]
    )
  })
}

sets <- c(public_data(), made_up_data())
write_json(list(
  made_with = c(made_with(), etm = as.character(packageVersion("etm"))),
  courses = courses(course), limits = lapply(sets[c("colon_competing", "mgus2", "tied")], limits)
))
