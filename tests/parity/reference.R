# Makes reference.json, the results that the package's estimates are held to:
#
#     Rscript tests/parity/reference.R > tests/parity/reference.json
#
# R and the packages survival, cmprsk and jsonlite are needed for this alone, not to run the tests. The public data sets
# are prepared here exactly as in reference_data.py; the made-up ones are written to the JSON with their results.

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

spread <- function(n, most = 25) unique(round(seq(1, n, length.out = min(n, most))))

# The package's other convention for a quantile: the first day at or below the level, also where the curve runs on it.
first_day <- function(fit, curve, level) {
  reached <- which(fit[[curve]] <= level * (1 + 1e-9))
  if (length(reached)) fit$time[min(reached)] else NA
}

quantiles <- function(fit, shares) {
  middle <- quantile(fit, shares)
  list(
    share = shares,
    midpoint = list(time = middle$quantile, lower = middle$lower, upper = middle$upper),
    start = list(
      time = sapply(1 - shares, function(level) first_day(fit, "surv", level)),
      lower = sapply(1 - shares, function(level) first_day(fit, "lower", level)),
      upper = sapply(1 - shares, function(level) first_day(fit, "upper", level))
    )
  )
}

restricted_mean <- function(fit, horizon) {
  table <- summary(fit, rmean = horizon)$table
  list(horizon = horizon, mean = table[["rmean"]], standard_error = table[["se(rmean)"]])
}

curve <- function(data, conf.int) {
  fit <- survfit(Surv(time, outcome == 1) ~ 1, data, conf.type = "log-log", conf.int = conf.int)
  at <- spread(length(fit$time))
  days <- unique(round(quantile(data$time, c(0.1, 0.25, 0.5, 0.75, 0.9, 1))))
  landmarks <- summary(fit, times = days)
  last <- max(data$time)
  list(
    confidence = conf.int,
    n = fit$n,
    steps = list(
      time = fit$time[at], at_risk = fit$n.risk[at], events = fit$n.event[at], censored = fit$n.censor[at],
      survival = fit$surv[at], standard_error = (fit$surv * fit$std.err)[at],
      lower = fit$lower[at], upper = fit$upper[at]
    ),
    landmarks = list(
      day = landmarks$time, survival = landmarks$surv, lower = landmarks$lower, upper = landmarks$upper,
      at_risk = landmarks$n.risk, events = cumsum(landmarks$n.event), censored = cumsum(landmarks$n.censor)
    ),
    quantiles = quantiles(fit, c(0.1, 0.25, 0.5, 0.75)),
    follow_up = quantiles(
      survfit(Surv(time, outcome == 0) ~ 1, data, conf.type = "log-log", conf.int = conf.int), 0.5
    ),
    restricted_means = lapply(c(round(0.4 * last) + 0.5, last), function(horizon) restricted_mean(fit, horizon))
  )
}

incidence <- function(data, cause) {
  states <- factor(data$outcome, 0:2)
  fit <- survfit(Surv(data$time, states) ~ 1, conf.type = "log-log")
  at <- spread(length(fit$time))
  state <- which(fit$states == cause)
  gray <- cuminc(data$time, data$outcome, cencode = 0)
  days <- fit$time[at]
  list(
    time = days, incidence = fit$pstate[at, state], standard_error = fit$std.err[at, state],
    lower = fit$lower[at, state], upper = fit$upper[at, state],
    cmprsk = timepoints(gray, days)$est[paste(1, cause), ]
  )
}

rank_test <- function(fit) {
  by_group <- function(x) if (is.matrix(x)) rowSums(x) else x
  list(
    statistic = fit$chisq, degrees_of_freedom = length(fit$n) - 1,
    p_value = pchisq(fit$chisq, length(fit$n) - 1, lower.tail = FALSE),
    group = sub("group=", "", names(fit$n)), n = as.vector(fit$n),
    observed = by_group(fit$obs), expected = by_group(fit$exp)
  )
}

cox <- function(data) {
  fit <- coxph(Surv(time, outcome == 1) ~ group, data,
               control = coxph.control(eps = 1e-13, toler.chol = 1e-15, iter.max = 100))
  limits <- exp(confint(fit))
  df <- length(coef(fit))
  list(
    reference = min(data$group), group = sub("group", "", names(coef(fit))), coefficient = coef(fit),
    standard_error = sqrt(diag(vcov(fit))), ratio = exp(coef(fit)), lower = limits[, 1], upper = limits[, 2],
    p_value = pchisq(coef(fit)^2 / diag(vcov(fit)), 1, lower.tail = FALSE),
    log_likelihood = fit$loglik[2], degrees_of_freedom = df,
    likelihood_ratio = 2 * diff(fit$loglik), wald = fit$wald.test, score = fit$score
  )
}

grays_test <- function(data) {
  tests <- cuminc(data$time, data$outcome, data$group, cencode = 0)$Tests
  lapply(setNames(rownames(tests), rownames(tests)), function(cause) {
    list(statistic = tests[cause, "stat"], degrees_of_freedom = tests[cause, "df"], p_value = tests[cause, "pv"])
  })
}

results <- function(data) {
  causes <- sort(setdiff(unique(data$outcome), 0))
  groups <- c(list(all = data), split(data, data$group))
  list(
    curves = lapply(groups, curve, conf.int = 0.95),
    curves_90 = lapply(groups["all"], curve, conf.int = 0.90),
    incidence = lapply(groups, function(group) {
      lapply(setNames(causes, causes), function(cause) incidence(group, cause))
    }),
    log_rank = rank_test(survdiff(Surv(time, outcome == 1) ~ group, data)),
    stratified = rank_test(survdiff(Surv(time, outcome == 1) ~ group + strata(stratum), data)),
    cox = cox(data),
    gray = grays_test(data)
  )
}

made_up <- made_up_data()
cat(toJSON(
  list(
    made_with = list(
      R = paste(R.version$major, R.version$minor, sep = "."),
      survival = as.character(packageVersion("survival")), cmprsk = as.character(packageVersion("cmprsk"))
    ),
    data = made_up,
    results = lapply(c(public_data(), made_up), results)
  ),
  dataframe = "columns", auto_unbox = TRUE, digits = NA, na = "null", pretty = TRUE
), "\n")
